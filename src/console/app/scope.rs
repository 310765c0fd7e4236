//! Where a command applies.

/// Where commands apply: exactly one scope has the keys at a time; commands of the scopes that contain it apply, too.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    name: &'static str,
    within: &'static [Scope],
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Scope {
    pub const ALWAYS: Self = Self::new("always", &[]);
    /// No dialog is open: the tab's table or detail has the keys.
    pub const BROWSE: Self = Self::new("browse", &[]);
    /// Any tab's table.
    pub const TABLES: Self = Self::new("tables", &[]);
    /// A table whose columns can be scrolled sideways.
    pub const COLUMNS: Self = Self::new("columns", &[]);

    pub const fn new(name: &'static str, within: &'static [Self]) -> Self {
        Self { name, within }
    }

    pub(crate) const fn name(self) -> &'static str {
        self.name
    }

    /// True if commands of this scope apply while `active` has the keys.
    pub(crate) fn covers(self, active: Self) -> bool {
        self == Self::ALWAYS || self == active || active.within.iter().any(|outer| self.covers(*outer))
    }
}
