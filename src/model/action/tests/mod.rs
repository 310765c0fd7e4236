//! Tests that hold for every action of the catalogue.

mod catalogue;
mod evidence;
mod global;
mod legality;
mod rules;
