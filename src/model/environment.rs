//! Where a profile's money is.

/// Colours the frame and the confirmations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Real money. The default, so that forgetting the key errs on the careful side.
    #[default]
    Production,
    /// Paydeck's gateway, or a test installation behind another base URL.
    Sandbox,
}
