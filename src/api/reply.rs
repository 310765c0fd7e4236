//! What a verified answer is.

/// A verified answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    /// The bytes that were verified. Empty for 204.
    pub body: String,
    pub request_id: Option<String>,
    pub proof: Proof,
}

/// What a verified success proves about its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It answers a query; or it names the change and shows it.
    Itself,
    /// The documented answer to the change is empty or does not name it: a query of the object must show the effect.
    Query,
}
