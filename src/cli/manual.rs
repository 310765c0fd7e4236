//! `help`, `completions` and `man`: the one definition of the arguments, in other forms.

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;
use clap_mangen::Man;

use super::Failure;
use super::output::Output;
use crate::i18n::Lang;

/// The name under which shells know the program.
const NAME: &str = "paydeck";

/// Builds the command line with all its subcommands.
type Root = fn(Lang) -> Command;

/// The three commands.
pub(super) fn commands(lang: Lang) -> [Command; 3] {
    let t = |id: &str| lang.t(id);
    let words = || Arg::new("command").value_name("COMMAND").num_args(0..).help(t("cli-help-command"));
    let folder = Arg::new("to").long("to").value_name("DIR").value_parser(value_parser!(std::path::PathBuf));
    [
        Command::new("help").about(t("cli-help")).arg(words()),
        Command::new("completions")
            .alias("completion")
            .about(t("cli-completions"))
            .long_about(t("cli-completions-install"))
            .arg(
                Arg::new("shell")
                    .required(true)
                    .value_name("SHELL")
                    .value_parser(value_parser!(Shell))
                    .help(t("cli-shell")),
            ),
        Command::new("man").about(t("cli-man")).arg(words().conflicts_with("to")).arg(folder.help(t("cli-man-to"))),
    ]
}

/// Runs one of them; `None` for any other verb. They need no configuration.
pub(super) fn run(root: Root, verb: &str, matches: &ArgMatches, output: &Output) -> Option<Result<(), Failure>> {
    Some(match verb {
        "help" => help(root, &words(matches), output),
        "completions" => {
            let shell = matches.get_one::<Shell>("shell").copied().unwrap_or(Shell::Bash);
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut root(output.lang), NAME, &mut script);
            output.print(&String::from_utf8_lossy(&script))
        }
        "man" => match matches.get_one::<std::path::PathBuf>("to") {
            Some(folder) => pages(root, folder, output),
            None => page(root, &words(matches), output),
        },
        _ => return None,
    })
}

fn words(matches: &ArgMatches) -> Vec<String> {
    matches.get_many::<String>("command").into_iter().flatten().cloned().collect()
}

/// The same as `COMMAND --help`, with the same error if there is no such command.
fn help(root: Root, words: &[String], output: &Output) -> Result<(), Failure> {
    let line = [NAME].into_iter().chain(words.iter().map(String::as_str)).chain(["--help"]);
    match root(output.lang).try_get_matches_from(line) {
        Err(help) if !help.use_stderr() => output.print(&help.render().to_string()),
        Err(error) => Err(Failure::Arguments(error)),
        Ok(_) => Ok(()),
    }
}

/// One page, as man reads it.
fn page(root: Root, words: &[String], output: &Output) -> Result<(), Failure> {
    let mut tree = root(output.lang);
    tree.build();
    let mut command = &tree;
    for word in words {
        command = match command.find_subcommand(word) {
            Some(found) => found,
            // The error with a suggestion.
            None => return help(root, words, output),
        };
    }
    let name = [NAME].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join("-");
    let mut page = Vec::new();
    let written = Man::new(command.clone().display_name(name)).render(&mut page);
    written.map_err(|error| Failure::io("man", error))?;
    output.print(&String::from_utf8_lossy(&page))
}

/// A page for each command, into a folder.
fn pages(root: Root, folder: &std::path::Path, output: &Output) -> Result<(), Failure> {
    let shown = folder.display().to_string();
    let failed = |error| Failure::io(&shown, error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(root(output.lang), folder).map_err(failed)
}
