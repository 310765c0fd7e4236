//! The two channels between the tasks of a session: events to its listener, commands to its refresher.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::model::Kind;
use crate::services::Event;
use crate::services::watch::RefresherCommand;

/// The sending ends. Cheap to clone. A receiver is missing only while the session closes, so what cannot be sent is
/// dropped.
#[derive(Clone, Debug)]
pub(crate) struct Hub {
    commands: UnboundedSender<RefresherCommand>,
    events: UnboundedSender<Event>,
}

impl Hub {
    /// A hub, and the receiver of the commands.
    pub(crate) fn new(events: UnboundedSender<Event>) -> (Self, UnboundedReceiver<RefresherCommand>) {
        let (commands, receiver) = unbounded_channel();
        (Self { commands, events }, receiver)
    }

    /// Reports an event to the listener.
    pub(crate) fn notify(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// Sends a command to the refresher.
    pub(crate) fn command(&self, command: RefresherCommand) {
        let _ = self.commands.send(command);
    }

    /// Reports new numbers or documents of these kinds: the refresher checks what is due, and the listener reads again.
    pub(crate) fn kinds_changed(&self, kinds: impl IntoIterator<Item = Kind>) {
        self.command(RefresherCommand::NumbersAdded);
        self.show_changed(kinds);
    }

    /// The same for the listener alone, where the refresher is informed otherwise.
    pub(crate) fn show_changed(&self, kinds: impl IntoIterator<Item = Kind>) {
        kinds.into_iter().for_each(|kind| self.notify(Event::KindChanged(kind)));
    }
}
