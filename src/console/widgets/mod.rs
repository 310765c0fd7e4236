//! Parts that several tabs and dialogs are drawn or built with.

pub(crate) mod canvas;
pub(crate) mod frame;
pub mod highlight;
pub mod marks;
pub mod paged;
pub mod role;
pub(crate) mod styles;
pub(crate) mod table;
pub(crate) mod toasts;
