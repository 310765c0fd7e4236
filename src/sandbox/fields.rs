//! Reads a request's members and checks presence, type, length and range. Any error becomes a PARAM_ERROR whose detail
//! names the member by JSON pointer (protocol reference §10).

use std::collections::HashSet;
use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::answer::{Code, SandboxRefusal};
use super::notify::address::is_notify_url;
use crate::model::time::{Timestamp, parse_rfc3339};

/// Ends the Request-ID for a number that is too small or too large.
const OUT_OF_RANGE: u32 = 268_435_464;

/// Ends the Request-ID for a member that is not documented.
const UNKNOWN_MEMBER: u32 = 270_924_358;

/// The members of one object of the body.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    pointer: String,
}

impl<'a> Fields<'a> {
    pub(super) fn of(body: &'a Map<String, Value>) -> Self {
        Self { object: body, pointer: String::new() }
    }

    /// A PARAM_ERROR about `name`, with its value if it has one.
    pub(super) fn wrong(&self, name: &str, chinese: impl AsRef<str>, issue: impl AsRef<str>) -> SandboxRefusal {
        let field = format!("{}/{name}", self.pointer);
        let mut detail = json!({ "field": field });
        if let Some(value) = self.object.get(name) {
            detail["value"] = value.clone();
        }
        detail["issue"] = issue.as_ref().into();
        detail["location"] = "body".into();
        let chinese = format!("输入源“/body{field}”映射到字段“{name}”规则校验失败，{}", chinese.as_ref());
        SandboxRefusal::new(Code::ParamError, chinese, format!("{field}: {}", issue.as_ref())).detail(detail)
    }

    /// The same about a member whose value must not be shown.
    pub(super) fn hidden(&self, name: &str, chinese: &str, issue: &str) -> SandboxRefusal {
        let field = format!("{}/{name}", self.pointer);
        let detail = json!({ "field": field, "issue": issue, "location": "body" });
        let words = format!("输入源“/body{field}”映射到字段“{name}”规则校验失败，{chinese}");
        SandboxRefusal::new(Code::ParamError, words, format!("{field}: {issue}")).detail(detail)
    }

    fn missing(&self, name: &str) -> SandboxRefusal {
        let field = format!("{}/{name}", self.pointer);
        let detail = json!({ "field": field, "issue": "missing", "location": "body" });
        SandboxRefusal::new(Code::ParamError, format!("参数“{name}”是必填项"), format!("{field} is missing"))
            .detail(detail)
    }

    fn mistyped(&self, name: &str, expected: &str) -> SandboxRefusal {
        let field = format!("{}/{name}", self.pointer);
        let value = self.object.get(name).cloned().unwrap_or_default();
        let detail = json!({ "field": field, "value": value, "issue": format!("not {expected}"), "location": "body" });
        SandboxRefusal::new(
            Code::ParamError,
            format!("无法将 JSON 输入源“/body{field}”映射到目标字段“{name}”中，此字段需要一个合法的 {expected}"),
            format!("{field} must be {expected}"),
        )
        .detail(detail)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    pub(super) fn text_if_given(
        &self,
        name: &str,
        length: RangeInclusive<usize>,
    ) -> Result<Option<&'a str>, SandboxRefusal> {
        let Some(value) = self.object.get(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| self.mistyped(name, "string"))?;
        let characters = text.chars().count();
        if characters < *length.start() {
            return Err(self.wrong(
                name,
                format!("字符串长度小于最小长度 {}", length.start()),
                format!("shorter than {}", length.start()),
            ));
        }
        if characters > *length.end() {
            return Err(self.wrong(
                name,
                format!("字符串长度超过最大长度 {}", length.end()),
                format!("longer than {}", length.end()),
            ));
        }
        Ok(Some(text))
    }

    pub(super) fn text(&self, name: &str, length: RangeInclusive<usize>) -> Result<&'a str, SandboxRefusal> {
        self.text_if_given(name, length)?.ok_or_else(|| self.missing(name))
    }

    /// A merchant's number: `[0-9A-Za-z_\-|*]`.
    pub(super) fn number(&self, name: &str, length: RangeInclusive<usize>) -> Result<&'a str, SandboxRefusal> {
        self.number_with(name, length, "_-|*")
    }

    /// A number of letters, digits and the `marks`.
    pub(super) fn number_with(
        &self,
        name: &str,
        length: RangeInclusive<usize>,
        marks: &str,
    ) -> Result<&'a str, SandboxRefusal> {
        let text = self.text(name, length)?;
        if text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c)) {
            return Ok(text);
        }
        let spaced: String = marks.chars().flat_map(|mark| [' ', mark]).collect();
        let issue = format!("only letters, digits and{spaced} are allowed");
        Err(self.wrong(name, format!("只能是数字、大小写字母{marks}"), issue))
    }

    /// An address for notifications: a whole URL without a query.
    pub(super) fn notify_url_if_given(
        &self,
        name: &str,
        length: RangeInclusive<usize>,
    ) -> Result<Option<&'a str>, SandboxRefusal> {
        match self.text_if_given(name, length)? {
            Some(url) if !is_notify_url(url) => Err(self.wrong(name, "回调地址不合法", "not a URL without a query")),
            url => Ok(url),
        }
    }

    pub(super) fn notify_url(&self, name: &str, length: RangeInclusive<usize>) -> Result<&'a str, SandboxRefusal> {
        self.notify_url_if_given(name, length)?.ok_or_else(|| self.missing(name))
    }

    pub(super) fn one_of(&self, name: &str, allowed: &[&'static str]) -> Result<&'static str, SandboxRefusal> {
        let text = self.text(name, 1..=64)?;
        allowed
            .iter()
            .find(|a| **a == text)
            .copied()
            .ok_or_else(|| self.wrong(name, "值不在枚举范围内", format!("must be one of {}", allowed.join(", "))))
    }

    pub(super) fn integer_if_given(
        &self,
        name: &str,
        range: RangeInclusive<i64>,
    ) -> Result<Option<i64>, SandboxRefusal> {
        let Some(value) = self.object.get(name) else { return Ok(None) };
        let number = value.as_i64().ok_or_else(|| self.mistyped(name, "integer"))?;
        if number < *range.start() {
            return Err(self
                .wrong(name, format!("值低于最小值 {}", range.start()), format!("below minimum {}", range.start()))
                .tail(OUT_OF_RANGE));
        }
        if number > *range.end() {
            return Err(self
                .wrong(name, format!("值高于最大值 {}", range.end()), format!("above maximum {}", range.end()))
                .tail(OUT_OF_RANGE));
        }
        Ok(Some(number))
    }

    pub(super) fn integer(&self, name: &str, range: RangeInclusive<i64>) -> Result<i64, SandboxRefusal> {
        self.integer_if_given(name, range)?.ok_or_else(|| self.missing(name))
    }

    pub(super) fn boolean_if_given(&self, name: &str) -> Result<Option<bool>, SandboxRefusal> {
        self.object.get(name).map(|v| v.as_bool().ok_or_else(|| self.mistyped(name, "boolean"))).transpose()
    }

    pub(super) fn boolean(&self, name: &str) -> Result<bool, SandboxRefusal> {
        self.boolean_if_given(name)?.ok_or_else(|| self.missing(name))
    }

    pub(super) fn time(&self, name: &str) -> Result<Timestamp, SandboxRefusal> {
        self.time_if_given(name)?.ok_or_else(|| self.missing(name))
    }

    pub(super) fn time_if_given(&self, name: &str) -> Result<Option<Timestamp>, SandboxRefusal> {
        let Some(text) = self.text_if_given(name, 1..=64)? else { return Ok(None) };
        parse_rfc3339(text).map(Some).ok_or_else(|| self.wrong(name, "输入时间格式错误", "not an RFC 3339 time"))
    }

    pub(super) fn object_if_given(&self, name: &str) -> Result<Option<Fields<'a>>, SandboxRefusal> {
        let Some(value) = self.object.get(name) else { return Ok(None) };
        let object = value.as_object().ok_or_else(|| self.mistyped(name, "object"))?;
        Ok(Some(Fields { object, pointer: format!("{}/{name}", self.pointer) }))
    }

    pub(super) fn object(&self, name: &str) -> Result<Fields<'a>, SandboxRefusal> {
        self.object_if_given(name)?.ok_or_else(|| self.missing(name))
    }

    /// An array of objects; an absent one is empty.
    pub(super) fn list_if_given(&self, name: &str, most: usize) -> Result<Vec<Fields<'a>>, SandboxRefusal> {
        let Some(value) = self.object.get(name) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| self.mistyped(name, "array"))?;
        if items.len() > most {
            return Err(self.wrong(name, format!("元素个数超过 {most}"), format!("more than {most} elements")));
        }
        let element = |(i, item): (usize, &'a Value)| {
            let pointer = format!("{}/{name}/{i}", self.pointer);
            let object = item.as_object().ok_or_else(|| self.mistyped(name, "array of objects"))?;
            Ok(Fields { object, pointer })
        };
        items.iter().enumerate().map(element).collect()
    }

    pub(super) fn list(&self, name: &str, most: usize) -> Result<Vec<Fields<'a>>, SandboxRefusal> {
        let items = self.list_if_given(name, most)?;
        if items.is_empty() { Err(self.missing(name)) } else { Ok(items) }
    }

    /// An array of texts; an absent one is empty.
    pub(super) fn texts_if_given(
        &self,
        name: &str,
        most: usize,
        length: RangeInclusive<usize>,
    ) -> Result<Vec<String>, SandboxRefusal> {
        let Some(value) = self.object.get(name) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| self.mistyped(name, "array"))?;
        if items.len() > most {
            return Err(self.wrong(name, format!("元素个数超过 {most}"), format!("more than {most} elements")));
        }
        let text = |item: &Value| {
            let text = item.as_str().ok_or_else(|| self.mistyped(name, "array of strings"))?;
            if length.contains(&text.chars().count()) {
                Ok(text.to_owned())
            } else {
                Err(self.wrong(name, "元素长度不符合要求", "an element is too short or too long"))
            }
        };
        items.iter().map(text).collect()
    }

    /// Refuses members other than these.
    pub(super) fn only(&self, members: &[&str]) -> Result<(), SandboxRefusal> {
        match self.object.keys().find(|name| !members.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(self.wrong(name, "$key0$参数格式错误", "not a known member").tail(UNKNOWN_MEMBER)),
        }
    }

    /// The member as it was sent.
    pub(super) fn echo(&self, name: &str) -> Option<Value> {
        self.object.get(name).cloned()
    }

    pub(super) fn members(&self) -> &'a Map<String, Value> {
        self.object
    }

    /// Refuses a value of `name` that occurs in two of `items`.
    pub(super) fn distinct(items: &[Fields<'a>], name: &str) -> Result<(), SandboxRefusal> {
        let mut seen = HashSet::new();
        for item in items {
            let value = item.object.get(name).map(Value::to_string).unwrap_or_default();
            if !seen.insert(value) {
                return Err(item.wrong(name, "值重复", "given twice"));
            }
        }
        Ok(())
    }
}

/// The parameters of the query, decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct UrlQuery<'a>(pub(super) &'a [(String, String)]);

impl<'a> UrlQuery<'a> {
    pub(super) fn wrong(name: &str, chinese: &str, issue: &str) -> SandboxRefusal {
        let detail = json!({ "field": name, "issue": issue, "location": "query" });
        SandboxRefusal::new(Code::ParamError, chinese.to_owned(), format!("{name}: {issue}")).detail(detail)
    }

    pub(super) fn text_if_given(&self, name: &str, most: usize) -> Result<Option<&'a str>, SandboxRefusal> {
        let value = self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty());
        match value {
            Some(text) if text.chars().count() > most => {
                Err(Self::wrong(name, &format!("参数“{name}”超过最大长度 {most}"), "too long"))
            }
            value => Ok(value),
        }
    }

    pub(super) fn text(&self, name: &str, most: usize) -> Result<&'a str, SandboxRefusal> {
        self.text_if_given(name, most)?.ok_or_else(|| Self::wrong(name, &format!("参数“{name}”是必填项"), "missing"))
    }

    pub(super) fn integer_if_given(&self, name: &str) -> Result<Option<u64>, SandboxRefusal> {
        let wrong = |_| Self::wrong(name, &format!("无法将传入参数“{name}”转换为整数"), "not a number");
        self.text_if_given(name, 20)?.map(|text| text.parse().map_err(wrong)).transpose()
    }

    pub(super) fn integer(&self, name: &str) -> Result<u64, SandboxRefusal> {
        self.text(name, 20)?;
        Ok(self.integer_if_given(name)?.unwrap_or_default())
    }

    pub(super) fn time_if_given(&self, name: &str) -> Result<Option<Timestamp>, SandboxRefusal> {
        let Some(text) = self.text_if_given(name, 64)? else { return Ok(None) };
        parse_rfc3339(text).map(Some).ok_or_else(|| Self::wrong(name, "输入时间格式错误", "not an RFC 3339 time"))
    }
}

/// Removes null members: WeChat Pay omits unknown ones.
pub(super) fn drop_nulls(value: &mut Value) {
    if let Value::Object(map) = value {
        map.retain(|_, member| !member.is_null());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_by_pointer() {
        let body = json!({
            "amount": { "total": 0 }, "name": "一二三四", "flag": "true", "number": "a b", "list": [{ "n": 1 }, { "n": 1 }],
        });
        let Value::Object(map) = &body else { unreachable!() };
        let fields = Fields::of(map);
        let amount = fields.object("amount").unwrap();
        let cases: [(SandboxRefusal, &str, &str); 7] = [
            (amount.integer("total", 1..=100).unwrap_err(), "/amount/total", "below minimum 1"),
            (amount.integer("paid", 1..=100).unwrap_err(), "/amount/paid", "missing"),
            (fields.text("name", 1..=3).unwrap_err(), "/name", "longer than 3"),
            (fields.boolean("flag").unwrap_err(), "/flag", "not boolean"),
            (fields.text("amount", 1..=3).unwrap_err(), "/amount", "not string"),
            (fields.number("number", 1..=32).unwrap_err(), "/number", "only letters, digits and _ - | * are allowed"),
            (Fields::distinct(&fields.list("list", 9).unwrap(), "n").unwrap_err(), "/list/1/n", "given twice"),
        ];
        for (refusal, field, issue) in cases {
            let body = refusal.body(false);
            assert_eq!(body["code"], "PARAM_ERROR");
            assert_eq!(body["detail"]["field"], field);
            assert_eq!(body["detail"]["issue"], issue);
            assert_eq!(body["detail"]["location"], "body");
        }
        // Four Chinese characters are four, not twelve.
        assert_eq!(fields.text("name", 1..=4), Ok("一二三四"));
    }
}
