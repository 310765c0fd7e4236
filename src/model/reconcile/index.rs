//! The rows of all sides in the order of their numbers, so that those of one number stand together.

use super::row::{Book, BookEntry, key_hash};
use super::{BookSide, Movement};

/// Which sides there are.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub trade: Option<Book>,
    pub orders: Option<Book>,
    pub flow: Option<Book>,
}

impl Books {
    pub(super) fn get(&self, side: BookSide) -> Option<&Book> {
        match side {
            BookSide::Trade => self.trade.as_ref(),
            BookSide::Orders => self.orders.as_ref(),
            BookSide::Flow => self.flow.as_ref(),
        }
    }

    pub(super) fn row(&self, side: BookSide, place: u32) -> Option<BookEntry<'_>> {
        self.get(side).map(|book| book.row(place))
    }

    /// A row by what the index holds.
    fn at(&self, key: u32) -> Option<(BookSide, BookEntry<'_>)> {
        let side = BookSide::ALL[(key >> 30) as usize];
        Some((side, self.row(side, key & PLACE)?))
    }
}

/// The bits of a row's place; those above are of its side.
const PLACE: u32 = (1 << 30) - 1;

/// The rows with one number, by side, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub trade: Vec<u32>,
    pub orders: Vec<u32>,
    pub flow: Vec<u32>,
}

impl Run {
    fn clear(&mut self) {
        self.trade.clear();
        self.orders.clear();
        self.flow.clear();
    }
}

/// All rows that have a number of an order or a refund, sorted.
pub(super) struct NumberIndex {
    keys: Vec<(u64, u32)>,
}

impl NumberIndex {
    pub(super) fn new(books: &Books) -> Self {
        let all = BookSide::ALL.into_iter().filter_map(|side| books.get(side));
        let mut keys: Vec<(u64, u32)> = Vec::with_capacity(all.clone().map(Book::len).sum());
        for book in all {
            let side = (book.side() as u32) << 30;
            let rows = book.iter().filter(|row| row.movement() != Movement::Other);
            keys.extend(rows.map(|row| (row.hash(), side | row.place)));
        }
        keys.sort_unstable();
        // Different numbers of one hash are put apart.
        let number = |key: u32| books.at(key).map(|(_, row)| row.number()).unwrap_or_default();
        for group in keys.chunk_by_mut(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
            let first = number(group[0].1);
            if group[1..].iter().any(|(_, key)| number(*key) != first) {
                group.sort_by(|a, b| number(a.1).cmp(number(b.1)).then(a.1.cmp(&b.1)));
            }
        }
        Self { keys }
    }

    /// Calls `each` with the rows of every number.
    pub(super) fn each_run(&self, books: &Books, mut each: impl FnMut(&Run)) {
        let mut run = Run::default();
        for same_hash in self.keys.chunk_by(|a, b| a.0 == b.0) {
            if let [(_, only)] = same_hash {
                run.clear();
                run.add(books, *only);
                each(&run);
                continue;
            }
            for same in same_hash.chunk_by(|a, b| number_of(books, a.1) == number_of(books, b.1)) {
                run.clear();
                same.iter().for_each(|(_, key)| run.add(books, *key));
                each(&run);
            }
        }
    }

    /// The rows of one number.
    pub(super) fn find(&self, books: &Books, movement: Movement, number: &[u8]) -> Run {
        let hash = key_hash(movement, number);
        let from = self.keys.partition_point(|(key, _)| *key < hash);
        let mut run = Run::default();
        for (_, key) in self.keys[from..].iter().take_while(|(key, _)| *key == hash) {
            if number_of(books, *key) == number {
                run.add(books, *key);
            }
        }
        run
    }
}

fn number_of(books: &Books, key: u32) -> &[u8] {
    books.at(key).map(|(_, row)| row.number()).unwrap_or_default()
}

impl Run {
    fn add(&mut self, books: &Books, key: u32) {
        match books.at(key) {
            Some((BookSide::Trade, row)) => self.trade.push(row.place),
            Some((BookSide::Orders, row)) => self.orders.push(row.place),
            Some((BookSide::Flow, row)) => self.flow.push(row.place),
            None => {}
        }
    }
}
