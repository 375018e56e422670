use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::load::test_folder;

/// A small file system in memory that can be filled to the last byte. Mounting takes root.
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts one; `None` where this process is not root. As root it has to work.
    pub fn mount(mib: u32) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("NOT CHECKED: a file system of its own takes root");
            return None;
        }
        let folder = test_folder("disk");
        let status = Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={mib}m,mode=755"), "tmpfs"]).arg(&folder).status();
        assert!(status.is_ok_and(|status| status.success()), "a tmpfs can be mounted on {}", folder.display());
        Some(Self { folder })
    }

    /// Where it is mounted.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Fills it: not one byte is left.
    pub fn fill(&self) {
        let mut filler = File::create(self.filler()).unwrap();
        for size in [1 << 20, 4 << 10, 1] {
            let bytes = vec![1u8; size];
            while filler.write_all(&bytes).is_ok() {}
        }
    }

    /// Somebody makes room.
    pub fn free(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: whoever still has a file open there does not keep it.
        let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
    }
}
