//! The loop: waits for an event, drains the queue, draws one frame. It performs effects, and owns what is not part of
//! the state: the terminal, the session, the layout of the latest frame. Nothing here waits for the network or the
//! disk.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, EventStream, MouseButton, MouseEvent, MouseEventKind};
use futures_util::StreamExt;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};
use tokio_util::task::TaskTracker;

use crate::console::app::effect::Effect;
use crate::console::app::export::ExportedFile;
use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::Target;
use crate::console::app::msg::Msg;
use crate::console::app::state::AppState;
use crate::console::app::terminal::{Screen, TerminalSurface, give_back};
use crate::console::app::title;
use crate::console::app::update::update;
use crate::console::app::view::draw;
use crate::console::kept::Kept;
use crate::console::kept::keeper::Keeper;
use crate::console::kept::store::KeptStore;
use crate::console::user_commands::state::{ProgramOutcome, ProgramRun};
use crate::console::{ConsoleError, Opened, Opener, Reload, Start, ThemeReader};
use crate::model::ObjectId;
use crate::model::time::Timestamp;
use crate::services;
use crate::services::{Request, Session};

/// Two clicks on one target within this time are a double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);

/// Hooks that run at once; others wait.
const HOOKS_AT_ONCE: usize = 2;

/// How long the end of the console waits for programs, hooks above all: what they report has happened.
const PROGRAMS_END: Duration = Duration::from_secs(5);

/// An input of the loop.
enum Input {
    Msg(Box<Msg>),
    Terminal(Event),
    /// An account was opened; the loop keeps its session.
    Session(u64, Box<Session>),
    Signal(Signal),
    /// The terminal has no more input.
    Closed,
}

enum Signal {
    /// The number of the signal that ends the console.
    Stop(u8),
    Suspend,
    Continue,
    /// The terminal was resized. Its own events may miss a resize that comes together with a key.
    Resize,
}

/// Runs the console until the operator quits.
pub async fn run(mut start: Start) -> Result<(), ConsoleError> {
    let (sender, mut inputs) = unbounded_channel();
    // Subscribed before the terminal is taken, so that every signal gives it back.
    listen_to_signals(sender.clone())?;
    let screen = Screen::take(start.surface)?;
    let state = crate::console::app::starting(&start, Timestamp::now_utc(), screen.size());
    if let Some(reloads) = start.configured.reloads.take() {
        listen_to_reloads(reloads, sender.clone());
    }
    let mut runtime = Runtime::new(state, screen, Timestamp::now_utc, start.opener, sender);
    runtime.kept = start.configured.kept;
    runtime.keeper = runtime.kept.clone().map(Keeper::start);
    // The first frame is drawn before anything is opened.
    runtime.draw()?;
    listen_to_terminal(runtime.sender.clone());
    runtime.open(runtime.state.generation, start.profile);
    read_themes(start.themes, runtime.sender.clone());
    let result = runtime.serve(&mut inputs).await;
    runtime.keep(Kept::of(&runtime.state));
    let Runtime { state, screen, session, closing, programs, stopped, .. } = runtime;
    drop(screen);
    let in_flight = state.view.in_flight.len() + state.view.unresolved.len() + state.bulk_in_flight();
    if in_flight > 0 {
        let line = tr!(state.lang, "leaving", count = in_flight);
        // Standard error may be closed; then the message is lost.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
    let leave = async {
        let close = async {
            if let Some(session) = session {
                session.close().await;
            }
        };
        tokio::join!(close, end(programs));
        // Sessions of accounts that were left may have actions in flight, too.
        closing.close();
        closing.wait().await;
    };
    tokio::select! {
        () = leave => {}
        // On a second request it quits at once: the journal has what is in flight, and the next start resolves it.
        () = stop(&mut inputs) => {}
    }
    stopped.map_or(result, |signal| Err(ConsoleError::Stopped(signal)))
}

/// Waits for the programs that run or wait, but not for long: what is left is stopped with the console.
async fn end(programs: TaskTracker) {
    programs.close();
    let _ = tokio::time::timeout(PROGRAMS_END, programs.wait()).await;
}

/// Waits for a signal to terminate.
async fn stop(inputs: &mut UnboundedReceiver<Input>) {
    while let Some(input) = inputs.recv().await {
        if matches!(input, Input::Signal(Signal::Stop(_))) {
            return;
        }
    }
    std::future::pending().await
}

struct Runtime<S> {
    state: AppState,
    screen: S,
    /// The current time.
    now: fn() -> Timestamp,
    layout: FrameLayout,
    /// The objects that were last reported to the session as being on the screen.
    looked_at: Vec<ObjectId>,
    session: Option<Session>,
    /// Where what the screen looks like is kept.
    kept: Option<Arc<KeptStore>>,
    keeper: Option<Keeper>,
    /// As many hooks run at once.
    hooks: Arc<Semaphore>,
    /// Sessions of accounts that were left, kept until their actions in flight have ended.
    closing: TaskTracker,
    /// Programs that run or wait for their turn.
    programs: TaskTracker,
    opener: Opener,
    sender: UnboundedSender<Input>,
    clicked: Option<(Instant, Target)>,
    /// The signal that ended it.
    stopped: Option<u8>,
}

impl<S: TerminalSurface> Runtime<S> {
    fn new(state: AppState, screen: S, now: fn() -> Timestamp, opener: Opener, sender: UnboundedSender<Input>) -> Self {
        Self {
            state,
            screen,
            now,
            layout: FrameLayout::default(),
            looked_at: Vec::new(),
            session: None,
            kept: None,
            keeper: None,
            hooks: Arc::new(Semaphore::new(HOOKS_AT_ONCE)),
            closing: TaskTracker::new(),
            programs: TaskTracker::new(),
            opener,
            sender,
            clicked: None,
            stopped: None,
        }
    }

    async fn serve(&mut self, inputs: &mut UnboundedReceiver<Input>) -> Result<(), ConsoleError> {
        while self.turn(inputs).await? {}
        Ok(())
    }

    /// Waits for an input, handles all that are queued, draws one frame. False to quit.
    async fn turn(&mut self, inputs: &mut UnboundedReceiver<Input>) -> Result<bool, ConsoleError> {
        let wake = self.wake();
        let first = tokio::select! {
            input = inputs.recv() => input,
            () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => None,
        };
        if !self.step(Msg::Now((self.now)()))? {
            return Ok(false);
        }
        // It woke by itself because something on the screen changes.
        let mut changed = first.is_none();
        let mut pressed = false;
        let mut next = first;
        while let Some(input) = next {
            changed |= !self.is_known(&input);
            pressed |= matches!(input, Input::Terminal(_));
            if !self.take(input)? {
                return Ok(false);
            }
            next = inputs.try_recv().ok();
        }
        if let Some(keeper) = self.keeper.as_ref().filter(|_| pressed) {
            keeper.note(Kept::of(&self.state));
        }
        if changed {
            self.draw()?;
            return self.step(Msg::Drawn { room: self.layout.room, at: (self.now)() });
        }
        Ok(true)
    }

    /// True for an event that changes nothing on the screen, such as an unchanged health: it needs no frame.
    fn is_known(&self, input: &Input) -> bool {
        let Input::Msg(msg) = input else { return false };
        matches!(**msg, Msg::Themes(_))
            || matches!(&**msg, Msg::Session { event: services::Event::Health(health), .. } if *health == self.state.view.health)
    }

    /// When the screen changes next without an event.
    fn wake(&mut self) -> Option<Instant> {
        let at = [self.state.fade(), self.layout.rolls].into_iter().flatten().min()?;
        let wait = (at - (self.now)()).max(time::Duration::milliseconds(10));
        Some(Instant::now() + Duration::try_from(wait).unwrap_or_default())
    }

    fn draw(&mut self) -> Result<(), ConsoleError> {
        let (state, layout) = (&self.state, &mut self.layout);
        self.screen.draw(&mut |frame| *layout = draw(state, layout, frame))?;
        self.screen.title(&title::window(state))?;
        if self.looked_at != self.layout.visible {
            self.looked_at.clone_from(&self.layout.visible);
            self.ask(Request::Look(self.looked_at.clone()));
        }
        Ok(())
    }

    /// Handles a message and performs its effects. False to quit.
    fn step(&mut self, msg: Msg) -> Result<bool, ConsoleError> {
        for effect in update(&mut self.state, msg) {
            if !self.perform(effect)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Handles one input. False to quit.
    fn take(&mut self, input: Input) -> Result<bool, ConsoleError> {
        let msg = match input {
            Input::Msg(msg) => Some(*msg),
            Input::Terminal(event) => self.translate(event),
            Input::Session(generation, session) => {
                // A session opened for an account that was left meanwhile is closed at once.
                let late = generation != self.state.generation;
                let old = if late { Some(*session) } else { self.session.replace(*session) };
                if let Some(old) = old {
                    self.closing.spawn(old.close());
                }
                // What was drawn of the old account cannot be clicked.
                (self.layout, self.clicked) = (FrameLayout::default(), None);
                self.looked_at.clear();
                None
            }
            Input::Signal(Signal::Stop(number)) => {
                self.stopped = Some(number);
                return Ok(false);
            }
            Input::Closed => return Ok(false),
            Input::Signal(Signal::Suspend) => {
                self.suspend()?;
                None
            }
            Input::Signal(Signal::Resize) => {
                self.screen.forget();
                let (width, height) = self.screen.size();
                Some(Msg::Resize(width, height))
            }
            Input::Signal(Signal::Continue) => {
                self.screen.retake()?;
                None
            }
        };
        msg.map_or(Ok(true), |msg| self.step(msg))
    }

    fn translate(&mut self, event: Event) -> Option<Msg> {
        match event {
            Event::Key(key) => Some(Msg::Key(key)),
            Event::Paste(text) => Some(Msg::Paste(text)),
            Event::Resize(width, height) => {
                self.screen.forget();
                Some(Msg::Resize(width, height))
            }
            Event::Mouse(mouse) => self.mouse(mouse),
            Event::FocusGained | Event::FocusLost => None,
        }
    }

    fn mouse(&mut self, mouse: MouseEvent) -> Option<Msg> {
        let target = self.layout.target(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                let target = target?;
                let again = |(at, what): (Instant, Target)| what == target && at.elapsed() < DOUBLE_CLICK;
                let double = self.clicked.take().is_some_and(again);
                self.clicked = (!double).then(|| (Instant::now(), target.clone()));
                Some(Msg::Click { target, double })
            }
            MouseEventKind::ScrollDown => Some(Msg::Wheel { target, down: true }),
            MouseEventKind::ScrollUp => Some(Msg::Wheel { target, down: false }),
            _ => None,
        }
    }

    /// Sends a request to the session, if an account is open.
    fn ask(&self, request: Request) {
        if let Some(session) = &self.session {
            session.request(request);
        }
    }

    /// Performs an effect. False to quit.
    fn perform(&mut self, effect: Effect) -> Result<bool, ConsoleError> {
        match effect {
            Effect::Ask(request) => self.ask(request),
            Effect::Open { generation, profile } => {
                if let Some(old) = self.session.take() {
                    self.closing.spawn(old.close());
                }
                self.open(generation, profile);
            }
            Effect::Keep { profile, kept } => self.keep(Some((profile, *kept))),
            Effect::Copy(text) => self.screen.copy(&text)?,
            Effect::Ring(text) => self.screen.ring(&text)?,
            Effect::Export(export) => {
                let Some(reader) = self.session.as_ref().map(Session::reader) else { return Ok(true) };
                self.export(move || export.write(&reader).map_err(|error| format!("{}: {error}", export.path)));
            }
            Effect::ExportOutcomes(outcomes) => {
                self.export(move || outcomes.write().map_err(|error| format!("{}: {error}", outcomes.path)));
            }
            Effect::Run(run) => self.run_program(*run),
            Effect::ChangeFilters(path, change) => {
                let (sender, generation) = (self.sender.clone(), self.state.generation);
                tokio::task::spawn_blocking(move || {
                    let result = change.write(&path);
                    let _ = sender.send(Input::Msg(Box::new(Msg::FiltersChanged { generation, change, result })));
                });
            }
            Effect::Mouse(taken) => self.screen.take_mouse(taken)?,
            Effect::Suspend => self.suspend()?,
            Effect::Quit => return Ok(false),
        }
        Ok(true)
    }

    /// Writes a file in the background.
    fn export(&self, write: impl FnOnce() -> Result<ExportedFile, String> + Send + 'static) {
        let (sender, generation) = (self.sender.clone(), self.state.generation);
        tokio::task::spawn_blocking(move || {
            let _ = sender.send(Input::Msg(Box::new(Msg::Exported { generation, result: write() })));
        });
    }

    /// Writes what a profile's screen looks like, in the background. The end of the program waits for it.
    fn keep(&self, what: Option<(String, Kept)>) {
        if let (Some(store), Some((profile, kept))) = (self.kept.clone(), what) {
            self.closing.spawn_blocking(move || store.write(&profile, &kept));
        }
    }

    /// Runs a program in the background. A hook waits for its turn.
    fn run_program(&self, run: ProgramRun) {
        let (sender, generation) = (self.sender.clone(), self.state.generation);
        let turn = run.hook.then(|| self.hooks.clone());
        self.programs.spawn(async move {
            let _turn = match turn {
                Some(hooks) => hooks.acquire_owned().await.ok(),
                None => None,
            };
            let finished = run.invocation.clone().run().await;
            let outcome = Box::new(ProgramOutcome { run, finished });
            let _ = sender.send(Input::Msg(Box::new(Msg::Ran { generation, outcome })));
        });
    }

    /// Opens an account in the background, and forwards the events of its session.
    fn open(&self, generation: u64, profile: Option<String>) {
        let (opening, sender, store) = ((self.opener)(profile), self.sender.clone(), self.kept.clone());
        tokio::spawn(async move {
            let mut events = match opening.await {
                Ok(Opened { account, accounts, session, events }) => {
                    // The tables are read once, as they were left.
                    let key = account.kept_as();
                    let read = tokio::task::spawn_blocking(move || store?.read(&key));
                    if let Some(kept) = read.await.ok().flatten() {
                        let kept = Box::new(kept);
                        let _ = sender.send(Input::Msg(Box::new(Msg::Kept { generation, kept })));
                    }
                    let _ = sender.send(Input::Session(generation, Box::new(session)));
                    let result = Ok((account, accounts));
                    let _ = sender.send(Input::Msg(Box::new(Msg::Opened { generation, result })));
                    events
                }
                Err(unopened) => {
                    let _ = sender.send(Input::Msg(Box::new(Msg::Opened { generation, result: Err(unopened) })));
                    return;
                }
            };
            while let Some(event) = events.recv().await {
                if sender.send(Input::Msg(Box::new(Msg::Session { generation, event }))).is_err() {
                    return;
                }
            }
        });
    }

    /// Restores the terminal and suspends this process, as the shell expects. Returns when it is continued.
    fn suspend(&mut self) -> Result<(), ConsoleError> {
        give_back();
        #[cfg(unix)]
        signal_hook::low_level::raise(signal_hook::consts::SIGSTOP)?;
        self.screen.retake()?;
        let (width, height) = self.screen.size();
        // The loop itself holds the sender.
        let _ = self.sender.send(Input::Msg(Box::new(Msg::Resize(width, height))));
        Ok(())
    }
}

fn listen_to_reloads(mut reloads: UnboundedReceiver<Reload>, sender: UnboundedSender<Input>) {
    tokio::spawn(async move {
        while let Some(reload) = reloads.recv().await {
            if sender.send(Input::Msg(Box::new(Msg::Reload(Box::new(reload))))).is_err() {
                return;
            }
        }
    });
}

/// Only the palette lists them: the first frame does not wait for their files.
fn read_themes(themes: ThemeReader, sender: UnboundedSender<Input>) {
    tokio::task::spawn_blocking(move || {
        let _ = sender.send(Input::Msg(Box::new(Msg::Themes(themes()))));
    });
}

fn listen_to_terminal(sender: UnboundedSender<Input>) {
    tokio::spawn(async move {
        let mut events = EventStream::new();
        while let Some(Ok(event)) = events.next().await {
            if sender.send(Input::Terminal(event)).is_err() {
                return;
            }
        }
        let _ = sender.send(Input::Closed);
    });
}

#[cfg(unix)]
fn listen_to_signals(sender: UnboundedSender<Input>) -> Result<(), ConsoleError> {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit()];
    let [terminate, hangup, interrupt, quit] = kinds.map(signal);
    let (mut terminate, mut hangup, mut interrupt, mut quit) = (terminate?, hangup?, interrupt?, quit?);
    let mut suspend = signal(SignalKind::from_raw(signal_hook::consts::SIGTSTP))?;
    let mut resize = signal(SignalKind::window_change())?;
    let mut resume = signal(SignalKind::from_raw(signal_hook::consts::SIGCONT))?;
    tokio::spawn(async move {
        loop {
            let signal = tokio::select! {
                _ = terminate.recv() => Signal::Stop(15),
                _ = hangup.recv() => Signal::Stop(1),
                _ = interrupt.recv() => Signal::Stop(2),
                _ = quit.recv() => Signal::Stop(3),
                _ = suspend.recv() => Signal::Suspend,
                _ = resume.recv() => Signal::Continue,
                _ = resize.recv() => Signal::Resize,
            };
            if sender.send(Input::Signal(signal)).is_err() {
                return;
            }
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn listen_to_signals(sender: UnboundedSender<Input>) -> Result<(), ConsoleError> {
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            // Where there are no signals, Ctrl-C ends a program as SIGINT does elsewhere.
            let _ = sender.send(Input::Signal(Signal::Stop(2)));
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests;
