use super::*;

fn program(run: &[&str]) -> Program {
    let run = run.iter().map(|text| Template::parse(text).unwrap()).collect();
    Program { run, shell: false, timeout: Duration::from_secs(20), withheld: ["SHOP_APIV3_KEY".to_owned()].into() }
}

fn shell(line: &str) -> Program {
    Program { run: vec![Template::for_shell(line).unwrap()], shell: true, ..program(&[]) }
}

fn values(pairs: &[(&'static str, &str)]) -> VariableValues {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

#[test]
fn a_value_stays_within_its_argument_whatever_it_is() {
    let program = program(&["notify", "--order={number}", "{title}", "{{}}", "{amount}{currency}"]);
    let evil = "x; rm -rf ~ $(id) `id` \"'\u{1b}[2J\n\u{202e}";
    let invocation = program.with(&values(&[("number", "SO-1"), ("title", evil), ("amount", "1.00")])).unwrap();
    let arguments = invocation.arguments();
    assert_eq!((arguments.len(), arguments[1].as_str(), arguments[3].as_str()), (5, "--order=SO-1", "{}"));
    assert!(arguments[2].starts_with("x; rm -rf ~ $(id) `id` \"'"), "{arguments:?}");
    assert!(!arguments[2].contains(|c: char| c.is_control() || c == '\u{202e}'), "{arguments:?}");
    assert_eq!(arguments[4], "1.00", "a value that is missing is empty");
}

#[test]
fn a_value_is_never_an_option_of_the_program() {
    let evil = values(&[("title", "--exec=sh")]);
    assert_eq!(program(&["grep", "{title}"]).with(&evil), Err(LikeOption { variable: "title" }));
    assert!(program(&["grep", "--", "-e={title}"]).with(&evil).is_ok());
}

#[test]
fn templates_name_what_is_wrong_with_them() {
    let error = Template::parse("{nubmer}").unwrap_err();
    assert!(matches!(&error, TemplateError::UnknownVariable { nearest: Some(near), .. } if near == "number"));
    for text in ["{number", "number}", "{", "}", "{{{"] {
        assert_eq!(Template::parse(text), Err(TemplateError::Unpaired), "{text}");
    }
    assert_eq!(Template::for_shell("echo {number}"), Err(TemplateError::InShell));
    assert!(Template::for_shell("for f in {a,b}; do echo ${f} \"$PAYDECK_NUMBER\"; done").is_ok());
}

#[test]
fn a_command_without_a_value_of_an_object_needs_none() {
    let command = |run: &[&str], kinds: Vec<Kind>| UserCommand {
        name: "x".into(),
        label: None,
        keys: Vec::new(),
        kinds,
        program: program(run),
        confirm: false,
        dangerous: false,
        line: 1,
    };
    assert!(!command(&["report", "{profile}"], Vec::new()).is_of_object());
    assert!(command(&["report", "{number}"], Vec::new()).is_of_object());
    assert!(command(&["report"], vec![Kind::Refund]).is_of_object());
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_has_its_values_in_the_environment_and_no_secrets() {
    let line = "echo \"$PAYDECK_NUMBER/$PAYDECK_TITLE/${SHOP_APIV3_KEY-none}\"; echo bad >&2; exit 3";
    let invocation = shell(line).with(&values(&[("number", "SO-1"), ("title", "$(echo run)")])).unwrap();
    let finished = invocation.run().await;
    assert_eq!(finished.end, ProgramEnd::Failed(Some(3)));
    assert_eq!(finished.output, "SO-1/$(echo run)/none\nbad\n");
}

/// A program that ends and leaves behind one that does not, whose number is in the file.
#[cfg(unix)]
fn starts_another(file: &std::path::Path) -> Invocation {
    let line = format!("sleep 1000 & echo $! > '{}'; wait", file.display());
    let program = Program { timeout: Duration::from_secs(2), ..shell(&line) };
    program.with(&VariableValues::new()).unwrap()
}

/// Waits until the process that it started is gone.
#[cfg(unix)]
async fn is_gone(file: &std::path::Path) {
    let written = || std::fs::read_to_string(file).ok().filter(|text| text.ends_with('\n'));
    let alive = || {
        let process = written().and_then(|text| rustix::process::Pid::from_raw(text.trim().parse().ok()?));
        let process = process.expect("it was started");
        // What has ended and was not waited for by its parent still has a number.
        let stat = std::process::Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]).output().unwrap();
        !stat.stdout.is_empty() && !stat.stdout.starts_with(b"Z")
    };
    let gone = async {
        while alive() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("it is stopped");
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_program_has_started_is_stopped_with_it_also_when_nobody_waits() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("after-its-time");
    assert_eq!(starts_another(&file).run().await.end, ProgramEnd::TimedOut(2));
    is_gone(&file).await;
    // The console is left meanwhile.
    let file = folder.path().join("left");
    let running = tokio::spawn(starts_another(&file).run());
    while !std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n')) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    running.abort();
    is_gone(&file).await;
}

#[cfg(unix)]
#[tokio::test]
async fn what_does_not_end_is_stopped_and_what_is_not_there_is_reported() {
    let endless = Program { timeout: Duration::from_millis(50), ..shell("sleep 1000 & wait") };
    let finished = endless.with(&VariableValues::new()).unwrap().run().await;
    assert_eq!(finished.end, ProgramEnd::TimedOut(0));
    let missing = program(&["/no/such/program"]).with(&VariableValues::new()).unwrap().run().await;
    assert!(matches!(missing.end, ProgramEnd::NotStarted(_)), "{missing:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_long_output_is_cut_and_does_not_stop_the_program() {
    let finished = shell("head -c 300000 /dev/zero").with(&VariableValues::new()).unwrap().run().await;
    assert_eq!((finished.end, finished.cut), (ProgramEnd::Done, true));
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_program_leaves_in_the_background_is_not_waited_for() {
    let daemon = Program { timeout: Duration::from_secs(10), ..shell("echo started; sleep 30 &") };
    let finished = daemon.with(&VariableValues::new()).unwrap().run().await;
    assert_eq!((finished.end, finished.output.as_str()), (ProgramEnd::Done, "started\n"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_that_is_given_up_is_stopped_with_what_it_has_started() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let line = "(sleep 15; echo late) > \"$PAYDECK_TITLE\" & wait";
    let invocation = shell(line).with(&values(&[("title", fifo.to_str().unwrap())])).unwrap();
    let running = tokio::spawn(invocation.run());
    // Opening waits until the program has started another that writes.
    let mut pipe = tokio::task::spawn_blocking(move || std::fs::File::open(fifo).unwrap()).await.unwrap();
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    let mut written = String::new();
    std::io::Read::read_to_string(&mut pipe, &mut written).unwrap();
    assert_eq!(written, "");
}
