//! Parts that several tabs and dialogs are drawn or built with.

pub(crate) mod canvas;
pub mod fading;
pub mod log;
pub(crate) mod styles;
pub(crate) mod toasts;
