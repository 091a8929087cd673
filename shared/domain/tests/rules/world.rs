//! A client `acme` with collaborators in every state, in memory: commands are decided on it and applied.

use coulisses_domain::{
    accept, assign_role, change_email, invite, login, resend, revoke, transfer, unbind,
};

use crate::prelude::*;

pub use crate::collaborators::*;

/// The records of one client, or of one that does not exist yet.
#[derive(Clone, Debug)]
pub struct World {
    pub client: Option<Client>,
    pub scopes: BTreeMap<ScopeId, Scope>,
    pub collaborators: BTreeMap<CollaboratorId, Collaborator>,
    pub counters: BTreeMap<CollaboratorId, MailCounter>,
    pub limits: MailLimits,
    pub now: Timestamp,
}

impl World {
    pub fn empty() -> Self {
        Self {
            client: None,
            scopes: BTreeMap::new(),
            collaborators: BTreeMap::new(),
            counters: BTreeMap::new(),
            limits: MailLimits::default(),
            now: NOW,
        }
    }

    /// The client of most tests, with a collaborator in each role and state.
    pub fn new() -> Self {
        let mut world = Self::empty();
        let (seats, mails) = (Seats { limit: None, used: 0, seq: 1 }, MailCounts::none(NOW.day()));
        world.client = Some(Client {
            id: ClientId::parse(ACME).unwrap(),
            name: name("Acme"),
            seats,
            waiting: vec![],
            mails,
            owner: label("olga"),
            granting: Granting::Administrators,
            roles: OfferedRoles::All,
            rules: ClientRules::default(),
            invitation_days: 14,
            reminders: true,
            locale: Locale::Fr,
            look: Look::default(),
            platform_url: None,
            version: Version::first(long_ago()),
        });
        for at in [TECH, ARTS, SUMMIT, GALA, GUILD].map(scope) {
            let (level, name) = (level(&at), name(at.below_client()));
            let owner = (at.as_str() == GALA).then(|| label("gwen"));
            let (version, dates) = (Version::first(long_ago()), Dates::default());
            world.scopes.insert(
                at.clone(),
                Scope {
                    id: at,
                    level,
                    name,
                    owner,
                    platform_url: None,
                    dates,
                    archived_at: None,
                    version,
                },
            );
        }
        for collaborator in cast() {
            world.add(collaborator);
        }
        world
    }

    /// Adds or replaces a collaborator and corrects the seat count.
    pub fn add(&mut self, collaborator: Collaborator) {
        self.collaborators.insert(collaborator.id.clone(), collaborator);
        let used = self.usage();
        self.client_mut().seats.used = used;
    }

    /// The number of records with a seat.
    pub fn usage(&self) -> u32 {
        u32::try_from(self.collaborators.values().filter(|collaborator| collaborator.seat).count())
            .unwrap()
    }

    /// Sets the limit to the number of taken seats.
    pub fn fill(&mut self) {
        let used = self.usage();
        self.client_mut().seats.limit = Some(used);
    }

    pub fn client(&self) -> &Client {
        self.client.as_ref().unwrap()
    }

    pub fn client_mut(&mut self) -> &mut Client {
        self.client.as_mut().unwrap()
    }

    pub fn collaborator(&self, who: &str) -> &Collaborator {
        self.collaborators.get(&id(who)).unwrap()
    }

    pub fn knows(&self, who: &str) -> bool {
        self.collaborators.contains_key(&id(who))
    }

    /// Lets time pass, and deletes records like the store's time to live.
    pub fn wait(&mut self, span: Duration) {
        self.now = self.now.after(span);
        let now = self.now;
        self.collaborators
            .retain(|_, collaborator| collaborator.forget_at.is_none_or(|end| now < end));
    }

    /// `platform`, `for eve` if it acts on her behalf, or the user with the account and address of that name, collaborator
    /// or not; `support eve` has the role of support too.
    pub fn caller(&self, who: &str) -> Caller {
        let support = who.starts_with("support ");
        match (who, plain(who)) {
            ("platform", _) => Caller::Platform(backend()),
            (_, user) if who.starts_with("for ") => {
                self.caller_by(user, Login::OnBehalf(backend()), false)
            }
            (_, user) => self.caller_by(user, Login::Account(account(user)), support),
        }
    }

    /// The user with the address of `who`, under any account.
    pub fn caller_as(&self, who: &str, account: Account) -> Caller {
        self.caller_by(who, Login::Account(account), false)
    }

    fn caller_by(&self, who: &str, login: Login, support: bool) -> Caller {
        let record = self.collaborators.get(&id(who)).cloned();
        let name = Some(name("Claimed"));
        let (email, id) = (email(who), id(who));
        Caller::User(Box::new(User { login, email, name, id, record, support, logged_in_at: None }))
    }

    pub fn facts(&self, by: &str, at: &str, who: &str) -> Facts {
        let who = plain(who);
        Facts {
            at: scope(at),
            client: self.client.clone(),
            scope: self.scopes.get(&scope(at)).cloned(),
            caller: self.caller(by),
            target: self.collaborators.get(&id(who)).cloned(),
            counter: self.counters.get(&id(who)).cloned(),
            limits: self.limits,
            swept: true,
        }
    }

    pub fn suspend(&self, by: &str, who: &str, wanted: Wanted) -> Invited {
        suspend::decide(&self.facts(by, ACME, who), wanted, None, self.now)
    }

    pub fn import(&self, by: &str, command: &ImportCommand) -> Result<Outcome<Imported>, Refusal> {
        let who = command.email.original().split('@').next().unwrap();
        let mail_id = mail_id_at("import", self.now);
        import::decide(&self.facts(by, ACME, who), &self.scopes, command, mail_id, self.now)
    }

    fn mail_ids(&self) -> MailIds {
        let [to_new, to_former] = ["to-new", "to-former"].map(|text| mail_id_at(text, self.now));
        MailIds { to_new, to_former }
    }

    pub fn invite(&self, by: &str, at: &str, who: &str, role: Role) -> Invited {
        self.invite_with(by, at, &invite_command(who, role))
    }

    pub fn invite_with(&self, by: &str, at: &str, command: &InviteCommand) -> Invited {
        let who = command.email.original().split('@').next().unwrap();
        invite::decide(
            &self.facts(by, at, who),
            command,
            mail_id_at("invitation", self.now),
            self.now,
        )
    }

    /// With the present version.
    pub fn assign(&self, by: &str, at: &str, who: &str, role: Role) -> Invited {
        let version = self.version(who);
        let version = version.into();
        let command = AssignRoleCommand {
            role: Some(role),
            expires_at: Some(None),
            outlives_event: None,
            reason: None,
            version,
        };
        self.assign_with(by, at, who, &command)
    }

    pub fn assign_with(
        &self,
        by: &str,
        at: &str,
        who: &str,
        command: &AssignRoleCommand,
    ) -> Invited {
        assign_role::decide(
            &self.facts(by, at, who),
            command,
            mail_id_at("role", self.now),
            self.now,
        )
    }

    /// With the present version.
    pub fn revoke(
        &self,
        by: &str,
        at: &str,
        who: &str,
        extent: Extent,
    ) -> Result<Outcome<Revoked>, Refusal> {
        let command = RevokeCommand { extent, version: self.version(who).into(), reason: None };
        revoke::decide(&self.facts(by, at, who), &command, mail_id_at("taking", self.now), self.now)
    }

    pub fn resend(&self, by: &str, at: &str, who: &str) -> Invited {
        resend::decide(&self.facts(by, at, who), mail_id_at("again", self.now), self.now)
    }

    /// With the present version.
    pub fn unbind(&self, by: &str, who: &str) -> Invited {
        self.unbind_on(by, who, self.version(who))
    }

    pub fn unbind_on(&self, by: &str, who: &str, version: Version) -> Invited {
        unbind::decide(
            &self.facts(by, ACME, who),
            version.into(),
            mail_id_at("unbound", self.now),
            self.now,
        )
    }

    /// With the present version.
    pub fn change_email(&self, by: &str, who: &str, to: &str) -> Invited {
        self.change_email_with(by, who, to, &self.email_command(who, to))
    }

    pub fn email_command(&self, who: &str, to: &str) -> ChangeEmailCommand {
        ChangeEmailCommand { email: email(to), id: id(to), version: self.version(who).into() }
    }

    pub fn change_email_with(
        &self,
        by: &str,
        who: &str,
        to: &str,
        command: &ChangeEmailCommand,
    ) -> Invited {
        let facts = self.facts(by, ACME, who);
        let owned = change_email::scopes_to_read(&facts).into_iter();
        let owned = owned.filter_map(|at| Some((at.clone(), self.scopes.get(at)?.clone())));
        let facts = MoveFacts {
            owned: owned.collect(),
            present: self.collaborators.get(&id(to)).cloned(),
            counter: self.counters.get(&id(to)).cloned(),
            facts,
        };
        let mail_ids = self.mail_ids();
        change_email::decide(&facts, command, mail_ids, self.now)
    }

    pub fn accept(
        &self,
        caller: &Caller,
        token: &Token,
    ) -> Result<Outcome<accept::Accepted>, Refusal> {
        accept::decide(&self.named_by(token), token, caller, self.now)
    }

    pub fn named_by(&self, token: &Token) -> AcceptFacts {
        let client = self.client.clone().filter(|client| client.id == *token.client());
        let invited = self.collaborators.get(token.collaborator()).cloned();
        AcceptFacts { client, invited }
    }

    pub fn login(&self, who: &str) -> Result<Outcome<login::LoggedIn>, Refusal> {
        login::decide(&self.caller(who), self.now)
    }

    pub fn transfer(
        &self,
        by: &str,
        at: &str,
        who: &str,
        command: &TransferCommand,
    ) -> Result<Outcome<Provisioned>, Refusal> {
        let mail_ids = self.mail_ids();
        transfer::decide(&self.facts(by, at, who), self.owner(at), command, mail_ids, self.now)
    }

    /// To a collaborator, with the present version of the scope.
    pub fn hand_to(&self, by: &str, at: &str, who: &str) -> Result<Outcome<Provisioned>, Refusal> {
        let version = self.scopes.get(&scope(at)).map_or(self.client().version, |at| at.version);
        let successor = Successor::Collaborator(id(who));
        let command = TransferCommand { successor, version: Some(version), fresh_login: None };
        self.transfer(by, at, who, &command)
    }

    /// To an address.
    pub fn hand_to_email(
        &self,
        by: &str,
        at: &str,
        who: &str,
    ) -> Result<Outcome<Provisioned>, Refusal> {
        let successor = Successor::Email { email: email(who), id: id(who), name: None };
        let command = TransferCommand { successor, version: None, fresh_login: None };
        self.transfer(by, at, who, &command)
    }

    fn owner(&self, at: &str) -> Option<&Collaborator> {
        let owner = match self.scopes.get(&scope(at)) {
            Some(scope) => scope.owner.as_ref()?,
            None => &self.client.as_ref()?.owner,
        };
        self.collaborators.get(&owner.id)
    }

    fn version(&self, who: &str) -> Version {
        self.collaborators
            .get(&id(plain(who)))
            .map_or(Version::from_number(0), |collaborator| collaborator.version)
    }

    /// Applies the decision of a command that must succeed.
    pub fn done<T>(&mut self, outcome: Result<Outcome<T>, Refusal>) -> Outcome<T> {
        let outcome = outcome.unwrap();
        self.apply(&outcome.decision);
        outcome
    }

    /// Changes the record of a collaborator.
    pub fn edit(&mut self, who: &str, change: impl FnOnce(&mut Collaborator)) {
        change(self.collaborators.get_mut(&id(who)).unwrap());
    }

    /// Applies a decision as the store does: all of it, if the records that it relies on are unchanged.
    pub fn apply(&mut self, decision: &Decision) {
        if let Some(change) = decision.client() {
            replace(&mut self.client, change);
        }
        for change in decision.scopes() {
            put(&mut self.scopes, change.record().id.clone(), change);
        }
        let mut named = BTreeSet::new();
        for change in decision.collaborators() {
            let id = change.record().id.clone();
            assert!(named.insert(id.clone()), "{id} is named twice");
            put(&mut self.collaborators, id, change);
        }
        for change in decision.counters() {
            put(&mut self.counters, change.record().collaborator.clone(), change);
        }
        self.apply_rules(decision);
    }

    /// Renders the invitation mail: from now on its token is valid.
    pub fn deliver(&mut self, who: &str, seed: u8) -> Token {
        let token = token(&id(who), seed);
        let membership = &mut self.collaborators.get_mut(&id(who)).unwrap().membership;
        let Membership::Pending(invitation) = membership else { panic!("{who} is not pending") };
        invitation.token_hash = Some(token.hash());
        token
    }
}

type Invited = Result<Outcome<Collaborator>, Refusal>;

fn put<K: Ord, T: Clone + PartialEq + std::fmt::Debug>(
    map: &mut BTreeMap<K, T>,
    key: K,
    change: &Change<T>,
) {
    let mut slot = map.remove(&key);
    replace(&mut slot, change);
    if let Some(record) = slot {
        map.insert(key, record);
    }
}

fn replace<T: Clone + PartialEq + std::fmt::Debug>(slot: &mut Option<T>, change: &Change<T>) {
    match change {
        Change::Create(_) => assert_eq!(*slot, None, "exists"),
        Change::Check(before) | Change::Update { before, .. } | Change::Delete(before) => {
            assert_eq!(slot.as_ref(), Some(before), "has changed");
        }
    }
    *slot = match change {
        Change::Check(record) | Change::Create(record) | Change::Update { after: record, .. } => {
            Some(record.clone())
        }
        Change::Delete(_) => None,
    };
}

/// The scopes of grants or changes.
pub fn keys<T>(by_scope: &BTreeMap<ScopeId, T>) -> Vec<&str> {
    by_scope.keys().map(ScopeId::as_str).collect()
}
