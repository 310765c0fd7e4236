//! Widgets that several tabs and dialogs use.

pub(crate) mod big;
pub(crate) mod canvas;
pub(crate) mod frame;
pub(crate) mod highlight;
pub(crate) mod marks;
pub(crate) mod paged;
pub(crate) mod role;
pub(crate) mod styles;
pub(crate) mod table;
pub(crate) mod toasts;
