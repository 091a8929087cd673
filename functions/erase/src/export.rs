//! What is known of a person, as JSON. Others stand in it by their ids alone, since it is for the person.

use coulisses_aws::{
    app::App,
    http::view::ActorView,
    ids::NoId,
    table::{QueuedContent, WaitingMail},
};
use coulisses_domain::{
    client::{Client, Locale},
    collaborator::{Collaborator, Grant, Invitation, Membership},
    erase::ErasureSubject,
    history::{
        Actor, BeforeAfter, GrantState,
        view::{EntryId, Recorded},
    },
    mail::Mail,
    role::{Role, RoleName},
    scope::ScopeId,
    text::{Message, Name, Reason},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::ErasureOutcome;

/// An export in the making.
pub struct Export<'a> {
    app: &'a App,
    subject: &'a ErasureSubject,
    client: &'a Client,
    record: Option<Value>,
    owns: Vec<String>,
    caused: Vec<Value>,
    mails: Vec<Value>,
    history: Vec<Value>,
    size: usize,
}

impl<'a> Export<'a> {
    /// An export that says nothing yet.
    pub fn new(app: &'a App, subject: &'a ErasureSubject, client: &'a Client) -> Self {
        let (record, owns, size) = (None, Vec::new(), 0);
        let (caused, mails, history) = (Vec::new(), Vec::new(), Vec::new());
        Self { app, subject, client, record, owns, caused, mails, history, size }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        let lists = [&self.caused, &self.mails, &self.history];
        self.record.is_none() && self.owns.is_empty() && lists.iter().all(|list| list.is_empty())
    }

    /// The person's record.
    ///
    /// # Errors
    /// [`NoId`] if an id cannot be derived, which no input can cause.
    pub fn collaborator(
        &mut self,
        collaborator: Option<&Collaborator>,
        now: Timestamp,
    ) -> Result<(), NoId> {
        let Some(collaborator) = collaborator else { return Ok(()) };
        let (account, invitation) = match &collaborator.membership {
            Membership::Pending(invitation) => (None, Some(self.invitation(invitation)?)),
            Membership::Active(binding) => (Some(&binding.account), None),
        };
        let grants = collaborator.grants.iter().map(|(scope, grant)| self.grant(scope, grant));
        self.record = Some(json!({
            "email": collaborator.email.original(),
            "name": collaborator.name.as_ref().map(Name::as_str),
            "locale": collaborator.locale.map(Locale::name),
            "status": collaborator.status(now).name(),
            "seat": collaborator.seat,
            "lastLoginAt": collaborator.last_login_at.map(told),
            "account": account.map(|account| json!({ "iss": account.iss, "sub": account.sub })),
            "invitation": invitation,
            "grants": grants.collect::<Result<Vec<_>, _>>()?,
        }));
        Ok(())
    }

    /// The scopes that name the person as their owner.
    pub fn owns(&mut self, owned: &[ScopeId]) {
        self.owns = owned.iter().map(ToString::to_string).collect();
    }

    /// What the person gave to others, and whom he invited.
    pub fn caused<'p>(&mut self, collaborators: impl Iterator<Item = &'p Collaborator>) {
        for other in collaborators.filter(|other| other.id != *self.subject.id()) {
            let to = other.id.as_str();
            for (scope, grant) in &other.grants {
                if self.subject.is(&grant.granted_by) {
                    let (role, at) = (grant.role.name().name(), told(grant.granted_at));
                    self.caused
                        .push(json!({ "gave": role, "scope": scope.as_str(), "to": to, "at": at }));
                }
            }
            if other.invitation().is_some_and(|sent| self.subject.is(&sent.invited_by)) {
                self.caused.push(json!({ "invited": to }));
            }
        }
    }

    /// The mails that wait: what is said to the person, and that something is said in his name.
    ///
    /// # Errors
    /// [`NoId`] if an id cannot be derived, which no input can cause.
    pub fn mails(&mut self, waiting: &[WaitingMail]) -> Result<(), NoId> {
        for row in waiting {
            let is_by = self.subject.is(row.what.by());
            let mail = match &row.what {
                QueuedContent::Mail(mail) if self.subject.receives(mail) => self.mail(mail)?,
                QueuedContent::Mail(mail) if is_by => {
                    json!({ "kind": mail.kind.name(), "to": mail.collaborator.as_str() })
                }
                QueuedContent::Announcement(message) if is_by => json!({
                    "kind": "everybody", "scope": message.scope.as_str(),
                    "subject": message.words.subject.as_str(), "text": message.words.text.as_str(),
                }),
                QueuedContent::Mail(_) | QueuedContent::Announcement(_) => continue,
            };
            self.mails.push(json!({ "queuedAt": told(row.queued_at), "mail": mail }));
        }
        Ok(())
    }

    fn mail(&self, mail: &Mail) -> Result<Value, NoId> {
        let words = mail.announced.as_ref();
        Ok(json!({
            "kind": mail.kind.name(),
            "scope": mail.scope.as_str(),
            "by": self.actor(&mail.by)?,
            "message": mail.message.as_ref().map(Message::as_str),
            "subject": words.map(|words| words.subject.as_str()),
            "text": words.map(|words| words.text.as_str()),
            "to": mail.removed.as_ref().map(|to| to.email.original()),
        }))
    }

    /// Adds an entry of the history if the person stands in it; `false` if it and those before it are over `largest` bytes,
    /// of which one entry alone is none.
    ///
    /// # Errors
    /// [`NoId`] if an id cannot be derived, which no input can cause.
    pub fn entry(&mut self, recorded: &Recorded, largest: usize) -> Result<bool, NoId> {
        let Recorded { id, entry } = recorded;
        if !self.subject.stands_in(entry) {
            return Ok(true);
        }
        let is_about = entry.collaborator.id == *self.subject.id();
        let about = &entry.collaborator;
        let changes =
            entry.changes.iter().map(|(scope, change)| (scope.to_string(), changed(change)));
        let value = json!({
            "id": id.as_str(),
            "at": told(entry.at),
            "actor": self.actor(&entry.actor)?,
            "action": entry.action.name(),
            "collaborator": about.id.as_str(),
            "email": is_about.then(|| about.email.original()),
            "name": about.name.as_ref().filter(|_| is_about).map(Name::as_str),
            "changes": changes.collect::<serde_json::Map<_, _>>(),
            "reason": entry.reason.as_ref().map(Reason::as_str),
        });
        let size = value.to_string().len();
        if self.size + size > largest && !self.history.is_empty() {
            return Ok(false);
        }
        self.size += size;
        self.history.push(value);
        Ok(true)
    }

    /// The answer: what was exported, what became of it, and how to go on.
    pub fn told(self, outcome: ErasureOutcome, next: Option<&EntryId>) -> Value {
        let known = !self.is_empty();
        let (outcome, detail) = match (outcome, next) {
            (ErasureOutcome::Refused, _) => ("refused", REFUSED),
            (ErasureOutcome::Erased, _) => ("erased", ERASED),
            (ErasureOutcome::Exported, Some(_)) => ("exported-in-part", IN_PART),
            (ErasureOutcome::Exported, None) if known => ("exported", EXPORTED),
            (ErasureOutcome::Exported, None) => ("nothing-known", NOTHING),
        };
        json!({
            "outcome": outcome,
            "detail": detail,
            "client": self.client.id.as_str(),
            "collaborator": self.subject.id().as_str(),
            "pseudonym": self.subject.pseudonym().original(),
            "record": self.record,
            "owns": self.owns,
            "caused": self.caused,
            "mails": self.mails,
            "history": self.history,
            "next": next.map(EntryId::as_str),
        })
    }

    /// The person with address and name, anybody else by the id alone.
    fn actor(&self, actor: &Actor) -> Result<Value, NoId> {
        match actor {
            Actor::User { email, .. } if !self.subject.is(actor) => {
                let id = self.app.settings.ids.collaborator(&self.client.id, email)?;
                Ok(json!({ "collaborator": id.as_str() }))
            }
            Actor::User { .. } | Actor::Platform | Actor::System(_) => Ok(json!(ActorView(actor))),
        }
    }

    fn invitation(&self, invitation: &Invitation) -> Result<Value, NoId> {
        Ok(json!({
            "by": self.actor(&invitation.invited_by)?,
            "sentAt": invitation.sent_at.map(told),
            "expiresAt": told(invitation.expires_at),
            "delivery": invitation.delivery.name(),
        }))
    }

    fn grant(&self, scope: &ScopeId, grant: &Grant) -> Result<Value, NoId> {
        Ok(json!({
            "scope": scope.as_str(),
            "role": grant.role.name().name(),
            "permissions": chosen(grant.role),
            "by": self.actor(&grant.granted_by)?,
            "at": told(grant.granted_at),
            "expiresAt": grant.expires_at.map(told),
        }))
    }
}

const REFUSED: &str = "Nothing was changed: the person owns the scopes under `owns`. Hand each of them over first \
    (`POST /v1/scopes/{scope}/owner`), then ask again.";
const ERASED: &str = "The person is erased; what was known until then is in this answer and those before it, and \
    nowhere else. The same once more must answer `nothing-known`.";
const IN_PART: &str = "Nothing was changed, as the history goes on: ask again with `after` set to `next`. With \
    `erase`, the call that completes the export erases.";
const EXPORTED: &str = "Nothing was changed. Keep this, then ask again with `\"erase\": true`.";
const NOTHING: &str = "Nothing is known of this address in this client.";

fn told(time: Timestamp) -> String {
    time.to_string()
}

/// The permissions of a role for which they were chosen.
fn chosen(role: Role) -> Option<Vec<&'static str>> {
    (role.name() == RoleName::Custom).then(|| role.permissions().names())
}

fn changed(change: &BeforeAfter) -> Value {
    json!({ "before": change.before.as_ref().map(state), "after": change.after.as_ref().map(state) })
}

fn state(state: &GrantState) -> Value {
    json!({
        "role": state.role.name().name(),
        "permissions": chosen(state.role),
        "status": state.status.name(),
        "expiresAt": state.expires_at.map(told),
    })
}
