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

/// Which of WeChat Pay's two worlds a merchant belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Region {
    #[default]
    Mainland,
    Global,
}

impl Region {
    /// The word for it in the configuration.
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
