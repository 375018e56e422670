use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;

use mousetrail::store::cluster::Cluster;
use mousetrail::store::{DATABASE, PgRole, Server, migrate};

use super::postgres::Site;
use super::process::test_folder;
use super::socket::ORIGIN;

/// A data directory with a migrated database and one site, made once a run; each Postgres gets a copy.
pub(super) struct Template {
    data: PathBuf,
    pub(super) site: Site,
}

pub(super) fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    // A thread of its own: the first test may be inside a runtime.
    TEMPLATE.get_or_init(|| thread::spawn(make).join().expect("the template cluster starts"))
}

fn make() -> Template {
    let folder = test_folder("template");
    let cluster = Cluster::start(&folder).unwrap();
    let mut server = Server::private(&folder, DATABASE);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let site = runtime.block_on(async {
        server.bootstrap(DATABASE).await.unwrap();
        migrate(&mut server).await.unwrap();
        let mut owner = server.connect(PgRole::Owner).await.unwrap();
        let key = "k_chaos".to_owned();
        let site_id =
            sqlx::query_scalar("insert into core.site (public_key, name, origins) values ($1, 'Chaos', array[$2]) returning site_id")
                .bind(&key)
                .bind(ORIGIN)
                .fetch_one(&mut owner)
                .await
                .unwrap();
        Site { site_id, key }
    });
    cluster.stop();
    Template { data: folder.join("data"), site }
}

impl Template {
    /// Copies the data directory, with its owner and rights.
    pub(super) fn copy_to(&self, data: &Path) {
        let status = Command::new("cp").args(["-a", "--reflink=auto"]).arg(&self.data).arg(data).status().unwrap();
        assert!(status.success(), "copying the data directory");
    }
}
