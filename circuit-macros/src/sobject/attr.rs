//! `#[sobject(..)]` on the struct.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, LitStr, Path, Token};

use crate::error::Errors;
use crate::name::check_object;

/// What the attributes of the struct say.
pub(super) struct Container {
    pub(super) object: Option<LitStr>,
    pub(super) krate: TokenStream,
}

impl Container {
    pub(super) fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut crate_given = false;
        let mut container = Self { object: None, krate: quote!(::circuit_core) };
        for attribute in attributes.iter().filter(|a| a.path().is_ident("sobject")) {
            let read = attribute.parse_args_with(|input: ParseStream<'_>| {
                parts(input, |part| match part {
                    Part::Name(name) if container.object.is_none() => {
                        container.object = Some(name);
                        Ok(())
                    }
                    Part::Name(name) => {
                        Err(syn::Error::new_spanned(name, "the object is named twice"))
                    }
                    Part::Meta(meta) if meta.path.is_ident("crate") => {
                        if std::mem::replace(&mut crate_given, true) {
                            return Err(meta.error("`crate` is there twice"));
                        }
                        let path: Path = meta.value()?.parse()?;
                        container.krate = quote!(#path);
                        Ok(())
                    }
                    Part::Meta(meta) => Err(meta.error(
                        "unknown attribute; a struct takes the object, as in \
                         `#[sobject(\"Contact\")]`, and `crate = path`",
                    )),
                })
            });
            errors.keep(read);
        }
        if let Some(object) = &container.object {
            check_object(object, errors);
        }
        container
    }
}

/// One part of an attribute: a text or `name`, `name = value`.
pub(super) enum Part<'a> {
    Name(LitStr),
    Meta(ParseNestedMeta<'a>),
}

/// The word of a part that is a text: no attribute is called so.
pub(super) const NAME: &str = "";

impl Part<'_> {
    /// Returns the word, and where it stands.
    pub(super) fn word(&self) -> (String, Span) {
        match self {
            Self::Name(name) => (NAME.to_owned(), name.span()),
            Self::Meta(meta) => {
                let path = meta.path.to_token_stream().to_string();
                (path, meta.path.span())
            }
        }
    }
}

/// Reads the parts between commas; a text may be the first.
pub(super) fn parts(
    input: ParseStream<'_>,
    mut take: impl FnMut(Part<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    if input.peek(LitStr) {
        take(Part::Name(input.parse()?))?;
        if input.is_empty() {
            return Ok(());
        }
        input.parse::<Token![,]>()?;
    }
    syn::meta::parser(|meta| take(Part::Meta(meta))).parse2_stream(input)
}

/// `syn`'s parser wants tokens; the stream hands on what is left of it.
trait ParseRest {
    fn parse2_stream(self, input: ParseStream<'_>) -> syn::Result<()>;
}

impl<P: syn::parse::Parser<Output = ()>> ParseRest for P {
    fn parse2_stream(self, input: ParseStream<'_>) -> syn::Result<()> {
        self.parse2(input.parse()?)
    }
}
