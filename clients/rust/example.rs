use coulisses_checks::{Account, Checks, Email, Permission, Person, ScopeId};

/// Whether a user can export the contacts of an event. The address and the account come from their verified token.
pub async fn may_export(
    checks: &Checks,
    (email, iss, sub): (&str, &str, &str),
    event: &str,
) -> Result<bool, Box<dyn std::error::Error>> {
    let account = Account { iss: iss.to_owned(), sub: sub.to_owned() };
    let person = Person { email: Email::parse(email)?, account: Some(account) };
    let scope = ScopeId::parse(event)?;
    // An error is not an answer: the request fails.
    let answer = checks.check(&person, &scope, Permission::ContactsExport).await?;
    if let Some(because) = &answer.because {
        println!("allowed as {} of {}", because.role.name(), because.scope.as_str());
    }
    Ok(answer.is_allowed())
}
