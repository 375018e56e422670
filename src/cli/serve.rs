use tokio::signal::unix::{SignalKind, signal};

use crate::admin::one_time_owner_link;
use crate::app::Application;
use crate::config::{LogFormat, Settings};

/// Runs the collector until SIGINT or SIGTERM.
pub(super) fn serve(settings: &Settings) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // Before anything slow: a signal during the start must not kill Postgres in the middle of initdb.
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let application = Application::build(settings).await?;
        greet(settings, &application).await?;
        application
            .run_until_stopped(async move {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            })
            .await
    })
}

/// Says where everything is: beside the log, unless that is for machines. Then stderr has JSON lines and nothing else.
async fn greet(settings: &Settings, application: &Application) -> anyhow::Result<()> {
    let url = application.public_url();
    let mut words = format!("\n  mousetrail is running at {url}\n");
    if settings.demo {
        words += &format!("  demo shop                {url}/demo\n");
    }
    if let Some(path) = one_time_owner_link(application.store()).await? {
        words += &format!("  make the owner's account {url}{path}\n");
        words += "                           (this link opens once; restarting prints a new one)\n";
    }
    match settings.log_format {
        LogFormat::Text => eprintln!("{words}"),
        LogFormat::Json => println!("{words}"),
    }
    Ok(())
}
