//! A call to be sent, and the parts of its answer that show its success.

use paydeck::model::{EndpointId, Method};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Call {
    pub endpoint: EndpointId,
    parameters: Vec<(&'static str, String)>,
    query: Vec<(&'static str, String)>,
    body: Value,
    expected: Vec<(&'static str, Value)>,
    /// For a file: the call that returns its link.
    link: Option<Box<Call>>,
}

impl Call {
    pub fn to(endpoint: EndpointId) -> Self {
        let body = if endpoint.endpoint().method == Method::Post { json!({}) } else { Value::Null };
        Self { endpoint, parameters: Vec::new(), query: Vec::new(), body, expected: Vec::new(), link: None }
    }

    /// A parameter of the path.
    pub fn at(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.retain(|(known, _)| *known != name);
        self.parameters.push((name, value.into()));
        self
    }

    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// What gives the link to the file.
    pub fn linked_by(self, link: Self) -> Self {
        Self { link: Some(Box::new(link)), ..self }
    }

    pub fn link(&self) -> Option<&Self> {
        self.link.as_deref()
    }

    /// A parameter of the query, in place of the one of that name.
    pub fn asking(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.retain(|(known, _)| *known != name);
        self.query.push((name, value.into()));
        self
    }

    pub fn sending(mut self, body: Value) -> Self {
        self.body = body;
        self
    }

    /// A member of the body, by JSON pointer. All but the last part of it exists.
    pub fn with(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        self.body.pointer_mut(parent).unwrap()[name] = value.into();
        self
    }

    /// Without a member of the body or a parameter of the query.
    pub fn without(mut self, name: &str) -> Self {
        self.query.retain(|(known, _)| *known != name);
        if let Some(body) = self.body.as_object_mut() {
            body.remove(name);
        }
        self
    }

    /// The answer has this, by JSON pointer; `null`: it has something there.
    pub fn gives(mut self, pointer: &'static str, value: impl Into<Value>) -> Self {
        self.expected.push((pointer, value.into()));
        self
    }

    pub fn target<'a>(&'a self) -> String {
        let borrowed =
            |pairs: &'a [(&'static str, String)]| pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (parameters, query): (Vec<_>, Vec<_>) = (borrowed(&self.parameters), borrowed(&self.query));
        self.endpoint.endpoint().target(&parameters, &query)
    }

    pub fn body(&self) -> String {
        if self.body.is_null() { String::new() } else { self.body.to_string() }
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> &str {
        self.query.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    pub fn json(&self) -> &Value {
        &self.body
    }

    /// Whether the answer has the expected members.
    pub fn check(&self, answer: &Value) -> Result<(), String> {
        let lacking = self.expected.iter().find(|(pointer, value)| match answer.pointer(pointer) {
            Some(found) => !value.is_null() && found != value,
            None => true,
        });
        match lacking {
            None => Ok(()),
            Some((pointer, value)) => Err(format!("{pointer} is not {value} in {answer}")),
        }
    }
}
