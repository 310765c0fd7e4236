//! Objects by number, in the order they were added.

use std::collections::HashMap;

/// Objects are never removed, so an index stays valid.
#[derive(Debug)]
pub(super) struct ObjectStore<T> {
    items: Vec<T>,
    index: HashMap<String, usize>,
}

impl<T> Default for ObjectStore<T> {
    fn default() -> Self {
        Self { items: Vec::new(), index: HashMap::new() }
    }
}

impl<T> ObjectStore<T> {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn get(&self, number: &str) -> Option<&T> {
        self.index.get(number).map(|i| &self.items[*i])
    }

    pub(super) fn get_mut(&mut self, number: &str) -> Option<&mut T> {
        self.index.get(number).map(|i| &mut self.items[*i])
    }

    /// Adds an object under a number that is not yet taken.
    pub(super) fn add(&mut self, number: String, item: T) -> &mut T {
        let place = self.items.len();
        self.index.insert(number, place);
        self.items.push(item);
        &mut self.items[place]
    }

    pub(super) fn at(&self, place: usize) -> &T {
        &self.items[place]
    }

    pub(super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.items.iter_mut()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }
}
