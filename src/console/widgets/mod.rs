//! Parts that several tabs and dialogs are drawn or built with.

pub(crate) mod canvas;
pub mod fading;
pub(crate) mod frame;
pub mod ink;
pub mod marks;
pub mod paged;
pub(crate) mod styles;
pub(crate) mod table;
pub(crate) mod toasts;
