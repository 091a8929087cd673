//! Turns the catalogue into constants (docs/catalogue.md).

use std::{env, fs, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    match generate() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={error}");
            ExitCode::FAILURE
        }
    }
}

fn generate() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-env-changed=COULISSES_CATALOGUE");
    println!("cargo::rustc-check-cfg=cfg(shipped_catalogue)");
    let path = if let Some(path) = env::var_os("COULISSES_CATALOGUE") {
        PathBuf::from(path)
    } else {
        // Some tests name its permissions.
        println!("cargo::rustc-cfg=shipped_catalogue");
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("catalogue.toml")
    };
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let catalogue = coulisses_catalogue::read(&path, &text)?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    fs::write(out.join("permissions.rs"), coulisses_catalogue::permissions(&catalogue))?;
    fs::write(out.join("roles.rs"), coulisses_catalogue::roles(&catalogue))?;
    Ok(())
}
