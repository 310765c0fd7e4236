//! Whether money is real.

/// The environment of a profile: it colours the frame and the confirmations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Real users are charged.
    Production,
    /// Nothing is real.
    Sandbox,
}

impl Environment {
    /// The word the configuration uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Sandbox => "sandbox",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::Production, Self::Sandbox].into_iter().find(|environment| environment.name() == name)
    }
}
