//! From a struct without mistakes to tokens.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::DeriveInput;
use syn::spanned::Spanned;

use super::Sobject;
use super::field::{Field, Role};
use crate::literal::literal;
use crate::name::object_tag;

/// Returns the trait's implementation and the constants.
pub(super) fn expand(sobject: &Sobject, input: &DeriveInput) -> TokenStream {
    let implementation = implementation(sobject, &input.ident);
    let record_of = record_of(sobject, &input.ident);
    let constants = constants(sobject, input);
    quote!(#implementation #record_of #constants)
}

/// Returns an implementation that only stands in for the one a mistake hinders, so that the rest of
/// the crate compiles and the mistake is the only message.
pub(super) fn fallback(krate: &TokenStream, input: &DeriveInput) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let (name, private) = (&input.ident, quote!(#krate::__private));
    quote! {
        #[automatically_derived]
        impl #krate::SObject for #name {
            const OBJECT: #private::Option<&'static str> = #private::None;
            type Layout<__D: #private::Depth> = #private::AnyFields;

            fn fields() -> &'static [#private::FieldSpec] {
                &[]
            }

            fn read(_: &#private::RecordReader<'_>) -> #private::Result<Self> {
                ::core::unreachable!()
            }

            fn write(self, _: &mut #private::RecordWriter<'_>) {}
        }

        #[automatically_derived]
        impl<Object> #private::RecordOf<Object> for #name {}
    }
}

fn related(sobject: &Sobject) -> impl Iterator<Item = &Field> {
    sobject.fields.iter().filter(|field| field.role == Role::Related)
}

fn recorded(sobject: &Sobject) -> Vec<&Field> {
    sobject.fields.iter().filter(|f| matches!(f.role, Role::Id | Role::Field)).collect()
}

fn implementation(sobject: &Sobject, name: &Ident) -> TokenStream {
    let krate = &sobject.container.krate;
    let (private, object) = (quote!(#krate::__private), &sobject.object);
    let (fields, read) = (fields(sobject), read(sobject));
    let rest = sobject.fields.iter().filter(|field| field.role == Role::Flatten).map(|field| {
        let ident = &field.ident;
        quote!(writer.rest(self.#ident);)
    });
    let writes = recorded(sobject).into_iter().enumerate().map(|(at, field)| {
        let ident = &field.ident;
        let ty = &field.ty;
        let write = quote_spanned!(ty.span()=> <#ty as #private::FieldValue>::into_value);
        quote!(writer.set(#at, #write(self.#ident));)
    });
    let layout = layout(sobject, name);
    // The names in the block must not be those of the user's types.
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #krate::SObject for #name {
                const OBJECT: #private::Option<&'static str> = #private::Some(#object);
                type Layout<__D: #private::Depth> = __Layout<__D>;

                #fields
                #read

                fn write(self, writer: &mut #private::RecordWriter<'_>) {
                    #(#rest)*
                    #(#writes)*
                }
            }

            pub struct __Layout<__D>(#private::PhantomData<__D>);

            #[automatically_derived]
            impl<__D: #private::Depth> #private::Layout for __Layout<__D> {
                const FIELDS: #private::Option<&'static #private::StructFields> =
                    #private::Some(&#layout);
            }
        };
    }
}

/// Returns the function that lists the fields.
pub(super) fn fields(sobject: &Sobject) -> TokenStream {
    let krate = &sobject.container.krate;
    let private = quote!(#krate::__private);
    let specs = recorded(sobject).into_iter().map(|field| {
        let (name, field_type) = (&field.name, field_type(field, &private));
        quote!(#private::FieldSpec { name: #name, field_type: #field_type })
    });
    let related = related(sobject).map(|field| {
        let name = &field.name;
        quote!(#private::FieldSpec { name: #name, field_type: #krate::FieldType::Any })
    });
    let specs = specs.chain(related);
    quote! {
        fn fields() -> &'static [#private::FieldSpec] {
            const FIELDS: &[#private::FieldSpec] = &[#(#specs),*];
            FIELDS
        }
    }
}

/// Returns the function that reads them.
pub(super) fn read(sobject: &Sobject) -> TokenStream {
    let krate = &sobject.container.krate;
    let private = quote!(#krate::__private);
    let mut index = 0_usize..;
    let mut related = recorded(sobject).len()..;
    let reads = sobject.fields.iter().map(|field| {
        let ident = &field.ident;
        match field.role {
            Role::Id | Role::Field => {
                let at = index.next();
                let ty = &field.ty;
                let read = quote_spanned!(ty.span()=> <#ty as #private::FieldValue>::from_value);
                quote!(#ident: reader.get(#at, #read)?,)
            }
            Role::Related => {
                let (at, ty) = (related.next(), &field.ty);
                let read = quote_spanned!(ty.span()=> <#ty as #private::Related>::from_value);
                quote!(#ident: reader.related(#at, #read)?,)
            }
            Role::Flatten => quote_spanned!(field.ty.span()=> #ident: reader.rest(),),
            Role::Skip => quote_spanned!(field.ty.span()=> #ident: #private::Default::default(),),
        }
    });
    quote! {
        fn read(reader: &#private::RecordReader<'_>) -> #private::Result<Self> {
            #private::Ok(Self { #(#reads)* })
        }
    }
}

/// Returns what the compiler compares the fields of a query with.
pub(super) fn layout(sobject: &Sobject, name: &Ident) -> TokenStream {
    let krate = &sobject.container.krate;
    let (private, name) = (quote!(#krate::__private), name.to_string());
    let open = sobject.fields.iter().any(|field| field.role == Role::Flatten);
    let fields = recorded(sobject).into_iter().map(|field| {
        let (name, ty, field_type) = (&field.name, &field.ty, field_type(field, &private));
        let required = quote_spanned!(ty.span()=> <#ty as #private::FieldValue>::REQUIRED);
        quote! {
            #private::StructField {
                name: #name,
                required: #required,
                holds: #private::Holds::value(#field_type),
            }
        }
    });
    let related = related(sobject).map(|field| {
        let (name, ty) = (&field.name, &field.ty);
        let related = quote_spanned!(ty.span()=> <#ty as #private::Related>);
        quote! {
            #private::StructField {
                name: #name,
                required: false,
                holds: #private::Holds::related(
                    #related::MANY,
                    <#related::Layout<__D> as #private::Layout>::FIELDS,
                ),
            }
        }
    });
    let fields = fields.chain(related);
    quote!(#private::StructFields { name: #name, fields: &[#(#fields),*], open: #open })
}

/// Returns what tells the compiler the object.
fn record_of(sobject: &Sobject, name: &Ident) -> TokenStream {
    let krate = &sobject.container.krate;
    let (private, tag) = (quote!(#krate::__private), object_tag(&sobject.object.value()));
    quote! {
        #[automatically_derived]
        impl #private::RecordOf<#private::ObjectTag<#tag>> for #name {}
    }
}

fn field_type(field: &Field, private: &TokenStream) -> TokenStream {
    let ty = &field.ty;
    quote_spanned!(ty.span()=> <#ty as #private::FieldValue>::TYPE)
}

fn constants(sobject: &Sobject, input: &DeriveInput) -> TokenStream {
    let (krate, object) = (&sobject.container.krate, &sobject.object);
    let (name, visibility) = (&input.ident, &input.vis);
    let fields = recorded(sobject).into_iter().map(|field| {
        let constant = format_ident!("{}", constant_name(&field.ident), span = field.ident.span());
        let (field, doc) = (&field.name, format!("The field `{}`.", field.name.value()));
        quote! {
            #[doc = #doc]
            #visibility const #constant: #krate::Field = #krate::Field::new(#object, #field);
        }
    });
    let schemas = sobject.fields.iter().filter(|field| field.role == Role::Field);
    let schemas = schemas.map(|field| schema(field, krate));
    quote! {
        #[automatically_derived]
        #[expect(clippy::allow_attributes, reason = "what is unused depends on the crate")]
        #[allow(dead_code, reason = "a crate uses the constants it needs")]
        impl #name {
            /// The object's name.
            #visibility const OBJECT_NAME: &'static str = #object;
            #(#fields)*

            /// Returns the object's schema, as far as the struct declares it.
            #[must_use]
            #visibility fn schema() -> #krate::ObjectSchema {
                #krate::ObjectSchema::new(#object) #(.with_field(#schemas))*
            }
        }
    }
}

pub(super) fn constant_name(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_uppercase()
}

fn schema(field: &Field, krate: &TokenStream) -> TokenStream {
    let private = &quote!(#krate::__private);
    let (name, field_type) = (&field.name, field_type(field, private));
    let schema = &field.schema;
    let flag = |set: bool, tokens: TokenStream| set.then_some(tokens);
    let parts = [
        flag(schema.required, quote!(.required())),
        flag(schema.unique, quote!(.unique())),
        flag(schema.external_id, quote!(.external_id())),
        schema.length.as_ref().map(|length| quote!(.with_length(#length))),
        (!schema.picklist.is_empty()).then(|| {
            let values = &schema.picklist;
            quote!(.with_picklist([#(#values),*]))
        }),
        flag(schema.restricted, quote!(.restricted())),
        schema.reference.as_ref().map(|object| {
            let rule =
                schema.on_delete.as_ref().map_or("Clear", |rule| match rule.to_string().as_str() {
                    "cascade" => "Cascade",
                    "restrict" => "Restrict",
                    _ => "Clear",
                });
            let rule = format_ident!("{rule}");
            quote!(.with_reference(#object, #krate::OnDelete::#rule))
        }),
        schema
            .default
            .as_ref()
            .and_then(|value| literal(value, private).ok())
            .map(|value| quote!(.with_default(#value))),
    ];
    let parts = parts.iter().flatten();
    quote!(#krate::FieldSchema::new(#name, #field_type) #(#parts)*)
}
