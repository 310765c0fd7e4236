//! The caller: an institution that acts for a merchant, or a merchant itself. The paths are the same; the members that
//! identify the merchant show the mode (Global reference §0).

use serde_json::{Map, Value};

use crate::sandbox::answer::{Code, SandboxRefusal};
use crate::sandbox::fields::{Fields, UrlQuery};

/// One of the sandbox's Global merchants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sandbox) enum Party {
    /// 机构模式
    Institution,
    /// 直连模式
    Direct,
}

/// The members that only the institution mode has, and those that only the direct mode has.
const OF_INSTITUTIONS: [&str; 4] = ["sp_mchid", "sub_mchid", "sp_appid", "sub_appid"];
const OF_MERCHANTS: [&str; 2] = ["mchid", "appid"];

impl Party {
    pub(in crate::sandbox) const ALL: [Self; 2] = [Self::Institution, Self::Direct];

    /// The merchant that signs.
    pub(in crate::sandbox) const fn mchid(self) -> &'static str {
        match self {
            Self::Institution => "1610000001",
            Self::Direct => "1610000002",
        }
    }

    /// The merchant that an institution acts for.
    pub(in crate::sandbox) const fn sub_mchid(self) -> Option<&'static str> {
        match self {
            Self::Institution => Some("1610000088"),
            Self::Direct => None,
        }
    }

    pub(in crate::sandbox) const fn appid(self) -> &'static str {
        match self {
            Self::Institution => "wx6a1c0de6a1c0de01",
            Self::Direct => "wx6a1c0de6a1c0de02",
        }
    }

    /// Its profile in the identity's configuration, and the name of its numbers file.
    pub(in crate::sandbox) const fn profile(self) -> &'static str {
        match self {
            Self::Institution => "global",
            Self::Direct => "global-direct",
        }
    }

    /// The members that are required, and their values; an appid only `with_app`.
    fn needed(self, with_app: bool) -> Vec<(&'static str, &'static str)> {
        let app = Some(self.appid()).filter(|_| with_app);
        match self {
            Self::Institution => {
                let ids = [Some(self.mchid()), self.sub_mchid(), app];
                ["sp_mchid", "sub_mchid", "sp_appid"].into_iter().zip(ids).filter_map(|(n, v)| Some((n, v?))).collect()
            }
            Self::Direct => {
                let ids = [Some(self.mchid()), app];
                ["mchid", "appid"].into_iter().zip(ids).filter_map(|(n, v)| Some((n, v?))).collect()
            }
        }
    }

    /// The members of the other mode.
    const fn foreign(self) -> &'static [&'static str] {
        match self {
            Self::Institution => &OF_MERCHANTS,
            Self::Direct => &OF_INSTITUTIONS,
        }
    }

    /// Checks the members of a body that identify the merchant: exactly those of its mode.
    pub(super) fn check(self, fields: &Fields<'_>, with_app: bool) -> Result<(), SandboxRefusal> {
        for name in self.foreign() {
            if fields.has(name) {
                return Err(fields.wrong(name, "商户模式与传入参数不一致", "belongs to the other mode"));
            }
        }
        for (name, expected) in self.needed(with_app) {
            if fields.text(name, 1..=32)? == expected {
                continue;
            }
            return Err(match name.ends_with("appid") {
                true => SandboxRefusal::new(
                    Code::AppidMchidNotMatch,
                    "AppID和mch_id不匹配",
                    "the appid is not the merchant's",
                ),
                false => fields.wrong(name, "与调用方不一致", "is not the caller's"),
            });
        }
        fields.text_if_given("sub_appid", 1..=32).map(|_| ())
    }

    /// The same for a query, which has no appid. A statement may be requested without the sub-merchant.
    pub(super) fn check_query(self, query: &UrlQuery<'_>, without_sub: bool) -> Result<(), SandboxRefusal> {
        for name in self.foreign() {
            if query.text_if_given(name, 32)?.is_some() {
                return Err(UrlQuery::wrong(name, "商户模式与传入参数不一致", "belongs to the other mode"));
            }
        }
        for (name, expected) in self.needed(false) {
            let given = match name == "sub_mchid" && without_sub {
                true => query.text_if_given(name, 32)?.unwrap_or(expected),
                false => query.text(name, 32)?,
            };
            if given != expected {
                return Err(UrlQuery::wrong(name, "与调用方不一致", "is not the caller's"));
            }
        }
        Ok(())
    }

    /// The members of an answer that identify the merchant.
    pub(super) fn ids(self, with_app: bool) -> Map<String, Value> {
        self.needed(with_app).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
    }
}
