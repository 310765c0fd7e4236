//! An argument with the places of its values: `--order={number}`. `{{` and `}}` are braces.

use super::variables::{LikeOption, VARIABLES, VariableValues};
use crate::text::{nearest, repeatable};

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(&'static str),
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("there is no variable {{{name}}}")]
    UnknownVariable { name: String, nearest: Option<String> },
    #[error("a brace without its other half; a brace itself is written {{{{ or }}}}")]
    Unpaired,
    #[error("in a line for the shell a value is read from its variable, like \"$PAYDECK_NUMBER\"")]
    InShell,
}

impl Template {
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = &rest[at..];
            if let Some(doubled) = ["{{", "}}"].into_iter().find(|doubled| brace.starts_with(doubled)) {
                plain.push_str(&doubled[1..]);
                rest = &brace[2..];
                continue;
            }
            let (name, after) =
                brace.strip_prefix('{').and_then(|inside| inside.split_once('}')).ok_or(TemplateError::Unpaired)?;
            let known = VARIABLES.into_iter().find(|known| *known == name).ok_or_else(|| {
                let nearest = nearest(name, VARIABLES.into_iter());
                TemplateError::UnknownVariable { name: repeatable(name).into_owned(), nearest }
            })?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Variable(known));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// A line for the shell: no value is put into it.
    pub(crate) fn for_shell(text: &str) -> Result<Self, TemplateError> {
        // `${NAME}` and braces of the shell are its own.
        let names = VARIABLES.iter().any(|name| text.replace("${", "").contains(&format!("{{{name}}}")));
        if names { Err(TemplateError::InShell) } else { Ok(Self(vec![Part::Text(text.to_owned())])) }
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Variable(name) => Some(*name),
        })
    }

    pub(super) fn with(&self, values: &VariableValues) -> Result<String, LikeOption> {
        let value = |name: &str| values.get(name).map_or("", String::as_str);
        if let Some(Part::Variable(first)) = self.0.first()
            && value(first).starts_with('-')
        {
            return Err(LikeOption { variable: first });
        }
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Variable(name) => value(name).to_owned(),
        };
        Ok(self.0.iter().map(text).collect())
    }
}
