//! Environments and regions of a profile.

/// Decides the colour of the frame and of confirmations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Real money. It is the default, so that a missing key errs on the safe side.
    #[default]
    Production,
    /// Paydeck's gateway, or a test installation behind another base URL.
    Sandbox,
}

/// The region of WeChat Pay that a merchant belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Region {
    #[default]
    Mainland,
    Global,
}

impl Region {
    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mainland => "mainland",
            Self::Global => "global",
        }
    }

    /// The host of a profile that sets none.
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::Mainland => "https://api.mch.weixin.qq.com",
            Self::Global => "https://apihk.mch.weixin.qq.com",
        }
    }
}
