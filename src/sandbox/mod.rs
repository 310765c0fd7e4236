//! wip
mod answer;
mod fields;
mod world;
