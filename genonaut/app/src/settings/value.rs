//! How the values of settings are read and written as text.

use genonaut_sources::setting_limits::{Refused, SettingLimit};

/// A value that forms and addresses write as text.
pub(super) trait Setting: Sized {
    /// # Errors
    /// When the setting may not be that.
    fn read(text: &str, limit: &SettingLimit) -> Result<Self, Refused>;

    fn write(&self) -> String;
}

impl Setting for u32 {
    fn read(text: &str, limit: &SettingLimit) -> Result<Self, Refused> {
        limit.number(text).map(|number| number as Self)
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Setting for f64 {
    fn read(text: &str, limit: &SettingLimit) -> Result<Self, Refused> {
        limit.number(text)
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Setting for String {
    fn read(text: &str, limit: &SettingLimit) -> Result<Self, Refused> {
        limit.choice(text).map(str::to_owned)
    }

    fn write(&self) -> String {
        self.clone()
    }
}
