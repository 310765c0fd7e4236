//! What the documented answer of an endpoint that changes something proves. [`crate::model::outcome`] uses it.

/// The source in a request of a value that its answer must repeat.
#[derive(Clone, Copy, Debug)]
pub enum SentValue {
    /// A parameter of the path.
    Path(&'static str),
    /// A member of the body, by JSON pointer.
    Body(&'static str),
    /// The same, which a request may leave out.
    Optional(&'static str),
}

/// What the documented answer of an endpoint shows about its request.
#[derive(Debug)]
pub struct AnswerProof {
    /// Members of the answer, by JSON pointer, and the request values they repeat.
    pub same: &'static [(&'static str, SentValue)],
    /// Members that the answer must have, with any value.
    pub has: &'static [&'static str],
    /// The effect, of which at least one must match: a member of the answer and its value.
    pub effect: &'static [(&'static str, &'static str)],
    /// False if another request on the same object gets the same answer, or if nothing of the request is repeated.
    pub proves: bool,
}

/// An answer that repeats nothing of its request.
pub(super) const NOTHING: AnswerProof = AnswerProof { same: &[], has: &[], effect: &[], proves: false };
