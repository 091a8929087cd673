//! Commands that several modules give.

use coulisses_domain::provision;

use crate::prelude::*;

pub fn owner(who: &str) -> Owner {
    Owner { email: email(who), id: id(who), name: Some(name(who)) }
}

pub fn settings(seat_limit: Option<u32>, owner: Option<Owner>) -> ClientSettings {
    ClientSettings {
        name: name("Acme"),
        seat_limit,
        granting: Granting::Administrators,
        roles: OfferedRoles::All,
        invitation_days: 14,
        reminders: true,
        locale: Locale::Fr,
        look: Look::default(),
        platform_url: None,
        access_ends_after_days: None,
        owner,
    }
}

pub fn client(seat_limit: Option<u32>, owner: Option<Owner>) -> ProvisionCommand {
    ProvisionCommand::Client(settings(seat_limit, owner))
}

pub fn event(owner: Option<Owner>) -> ProvisionCommand {
    ProvisionCommand::Leaf {
        name: name("An event"),
        level: Level::Event,
        owner,
        platform_url: None,
        dates: Dates::default(),
    }
}

pub fn provision(
    world: &World,
    by: &str,
    at: &str,
    command: &ProvisionCommand,
) -> Result<Outcome<Provisioned>, Refusal> {
    let named = command.owner();
    let mut facts = world.facts(by, at, "nobody");
    facts.target = named.and_then(|owner| world.collaborators.get(&owner.id).cloned());
    facts.counter = named.and_then(|owner| world.counters.get(&owner.id).cloned());
    let exists = |parent: ScopeId| parent.is_client() || world.scopes.contains_key(&parent);
    let parent_exists = scope(at).parent().is_none_or(exists);
    provision::decide(
        &facts,
        parent_exists,
        (command, Precondition::None),
        mail_id_at("provisioning", world.now),
        world.now,
    )
}

/// An import of `who` with these grants, without mails and without an account.
pub fn import_command(who: &str, grants: &[(&str, Role)]) -> ImportCommand {
    let grant = |(at, role): &(&str, Role)| ImportedGrant {
        scope: scope(at),
        role: *role,
        expires_at: None,
        outlives_event: None,
    };
    ImportCommand {
        email: email(who),
        id: id(who),
        name: Some(name(who)),
        locale: None,
        grants: grants.iter().map(grant).collect(),
        account: None,
        last_login_at: None,
        notify: false,
        pending_days: 90,
        if_full: IfFull::Refuse,
    }
}
