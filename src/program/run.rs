//! Runs a program and collects what it prints.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use super::Invocation;

/// Bytes of the output that are kept.
const KEPT: usize = 64 * 1024;

/// How long the rest of the output is read after the program has ended.
const REST: Duration = Duration::from_millis(500);

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    pub end: ProgramEnd,
    /// What it printed: first its output, then its errors.
    pub output: String,
    /// It printed more.
    pub cut: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProgramEnd {
    Done,
    /// With this status; none if a signal ended it.
    Failed(Option<i32>),
    /// It was stopped after the time it may take, in seconds.
    TimedOut(u64),
    /// It could not be started.
    NotStarted(String),
}

impl Invocation {
    /// Runs the program to its end, or until its time is up. It has no terminal and no input.
    pub(crate) async fn run(self) -> Finished {
        let not_started = |error: std::io::Error| Finished {
            end: ProgramEnd::NotStarted(error.to_string()),
            output: String::new(),
            cut: false,
        };
        let mut child = match self.command().spawn() {
            Ok(child) => child,
            Err(error) => return not_started(error),
        };
        let mut group = Group::of(&child);
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let collected = {
            let (out, err) = (child.stdout.take(), child.stderr.take());
            let all = async {
                let read = async { tokio::join!(collect(out, &mut output), collect(err, &mut errors)) };
                tokio::pin!(read);
                tokio::select! {
                    status = child.wait() => {
                        // What it has started in the background may hold the pipes open for as long as it runs.
                        let _ = tokio::time::timeout(REST, &mut read).await;
                        status
                    }
                    _ = &mut read => child.wait().await,
                }
            };
            tokio::time::timeout(self.timeout, all).await
        };
        if collected.is_ok() {
            // What it left running in the background is not stopped.
            group.release();
        }
        let end = match collected {
            Ok(Ok(status)) if status.success() => ProgramEnd::Done,
            Ok(Ok(status)) => ProgramEnd::Failed(status.code()),
            Ok(Err(error)) => ProgramEnd::NotStarted(error.to_string()),
            Err(_) => ProgramEnd::TimedOut(self.timeout.as_secs()),
        };
        output.extend(errors);
        let cut = output.len() > KEPT;
        output.truncate(KEPT);
        Finished { end, output: String::from_utf8_lossy(&output).into_owned(), cut }
    }

    fn command(&self) -> Command {
        let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
        let mut words = self.arguments.iter();
        let mut command = match self.shell {
            true => {
                let mut command = Command::new(shell);
                command.arg(flag);
                command
            }
            false => Command::new(words.next().map(String::as_str).unwrap_or_default()),
        };
        command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        for name in self.withheld.iter() {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        // A group of its own: what it starts is stopped with it, and Ctrl-C in the terminal does not reach it.
        #[cfg(unix)]
        command.process_group(0);
        command
    }
}

/// Reads everything and keeps the beginning: a program whose output nobody reads would wait.
async fn collect(from: Option<impl AsyncRead + Unpin>, to: &mut Vec<u8>) {
    let Some(mut from) = from else { return };
    let mut buffer = [0; 8192];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let room = (KEPT + 1).saturating_sub(to.len());
        to.extend_from_slice(&buffer[..read.min(room)]);
    }
}

/// The group of a program that runs. Dropping it stops the program with everything that it has started, also when the
/// console ends before the program.
struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

#[cfg(unix)]
impl Group {
    fn of(child: &Child) -> Self {
        let leader = child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
        Self { leader }
    }

    fn release(&mut self) {
        self.leader = None;
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            // It may have ended by itself meanwhile.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(not(unix))]
impl Group {
    const fn of(_: &Child) -> Self {
        Self {}
    }

    const fn release(&mut self) {}
}
