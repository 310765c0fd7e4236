//! The object of a notification.

use super::{Document, Kind, Number, ObjectId};

/// The object of a notification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    Object(ObjectId),
    /// A coupon without its user; it could be queried only together with the user.
    Coupon(Number),
    #[default]
    Unknown,
}

impl Subject {
    /// The object of a kind, with the number in this member of the resource.
    pub(super) fn of(kind: Kind, resource: Document<'_>, member: &str) -> Self {
        let number = resource.text(member).and_then(|number| Number::parse(&number).ok());
        number.map_or(Self::Unknown, |number| Self::Object(ObjectId::new(kind, number)))
    }

    /// The object, if it can be queried.
    pub fn object(&self) -> Option<&ObjectId> {
        match self {
            Self::Object(id) => Some(id),
            Self::Coupon(_) | Self::Unknown => None,
        }
    }
}
