//! `cargo local contract`: prints the contract with the permissions and roles of the catalogue that this program was built
//! with.

use std::io::Write;

use anyhow::{Context, Result};
use coulisses_domain::{
    permission::{ENTITIES, Entity, Permission},
    role::ROLES,
};

const SHIPPED: &str = include_str!("../../openapi.yaml");

/// Prints the contract of this build.
pub fn print() -> Result<()> {
    let contract = with_catalogue(SHIPPED)?;
    let mut output = std::io::stdout().lock();
    output.write_all(contract.as_bytes())?;
    Ok(output.flush()?)
}

fn with_catalogue(contract: &str) -> Result<String> {
    let permissions = Permission::ALL.iter().map(|it| format!("        - {}\n", it.name()));
    let permissions =
        format!("      type: string\n      enum:\n{}", permissions.collect::<String>());
    let contract = with_schema(contract, "Permission", &permission_words(), &permissions)?;
    let keys: Vec<&str> = ROLES.iter().map(|role| role.key).collect();
    let roles = format!("      type: string\n      enum: [{}]\n", keys.join(", "));
    with_schema(&contract, "CatalogueRole", &role_words(), &roles)
}

fn permission_words() -> String {
    let entity = |entity: &Entity| {
        let actions: Vec<&str> = entity.actions.iter().map(|action| action.name).collect();
        format!("        - `{}` ({}): {}\n", entity.name, entity.label.en, actions.join(", "))
    };
    let entities: String = ENTITIES.iter().map(entity).collect();
    format!(
        "        An action on an entity. Any permission on an entity includes its `:view`.\n\n{entities}"
    )
}

fn role_words() -> String {
    let roles = ROLES.iter().map(|role| {
        format!("        - `{}` ({}): {}\n", role.key, role.name.en, role.description.en)
    });
    format!(
        "        A role of the deployment's catalogue. `GET /v1/catalogue` returns what each role allows.\n\n{}",
        roles.collect::<String>()
    )
}

/// Replaces the schema `name`, which ends with the next one.
fn with_schema(contract: &str, name: &str, words: &str, rest: &str) -> Result<String> {
    let start = format!("\n    {name}:\n");
    let (before, after) = contract
        .split_once(&start)
        .with_context(|| format!("the contract has no schema {name}"))?;
    let end = after
        .match_indices("\n    ")
        .find(|(at, _)| after.get(at + 5..).is_some_and(|rest| !rest.starts_with(' ')))
        .map_or(after.len(), |(at, _)| at + 1);
    let after = after.get(end..).unwrap_or_default();
    Ok(format!("{before}{start}      description: |\n{words}{rest}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_of_this_build_has_the_names_of_its_catalogue_and_all_other_schemas() {
        let parsed = |text: &str| -> serde_json::Value { yaml_serde::from_str(text).unwrap() };
        let (shipped, own) = (parsed(SHIPPED), parsed(&with_catalogue(SHIPPED).unwrap()));
        let schemas = |contract: &serde_json::Value| contract["components"]["schemas"].clone();
        let names: Vec<&str> = Permission::ALL.iter().map(|it| it.name()).collect();
        assert_eq!(schemas(&own)["Permission"]["enum"], serde_json::json!(names));
        let keys: Vec<&str> = ROLES.iter().map(|role| role.key).collect();
        assert_eq!(schemas(&own)["CatalogueRole"]["enum"], serde_json::json!(keys));
        let (mut left, mut right) = (shipped, own);
        for contract in [&mut left, &mut right] {
            for name in ["Permission", "CatalogueRole"] {
                contract["components"]["schemas"][name] = serde_json::Value::Null;
            }
        }
        assert!(left == right, "nothing else changes");
    }
}
