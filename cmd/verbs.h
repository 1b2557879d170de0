// Every verb's function, one line each: what cmd/verbs.cpp puts into the tables.
#pragma once

#include "cmd/verb.h"

namespace mycontainer::cmd {

Result<int> attach_verb(const VerbCall& call);       // attach.cpp
Result<int> boot_verb(const VerbCall& call);         // boot.cpp
Result<int> commit_verb(const VerbCall& call);       // commit.cpp
Result<int> cp_verb(const VerbCall& call);           // cp.cpp
Result<int> create_verb(const VerbCall& call);       // create.cpp
Result<int> diff_verb(const VerbCall& call);         // diff.cpp
Result<int> exec_verb(const VerbCall& call);         // exec.cpp
Result<int> events_verb(const VerbCall& call);       // events.cpp
Result<int> history_verb(const VerbCall& call);      // history.cpp
Result<int> image_prune_verb(const VerbCall& call);  // image_prune.cpp
Result<int> image_verb(const VerbCall& call);        // verbs.cpp: `image VERB`
Result<int> images_verb(const VerbCall& call);       // images.cpp
Result<int> export_verb(const VerbCall& call);       // export.cpp
Result<int> import_verb(const VerbCall& call);       // import.cpp
Result<int> info_verb(const VerbCall& call);         // info.cpp
Result<int> inspect_verb(const VerbCall& call);      // inspect.cpp
Result<int> port_verb(const VerbCall& call);         // port.cpp
Result<int> pull_verb(const VerbCall& call);         // pull.cpp
Result<int> ps_verb(const VerbCall& call);           // ps.cpp
Result<int> system_df_verb(const VerbCall& call);    // system_df.cpp
Result<int> help_verb(const VerbCall& call);         // help.cpp
Result<int> oci_verb(const VerbCall& call);          // verbs.cpp: never fails, it reports by itself
Result<int> run_verb(const VerbCall& call);          // run.cpp
Result<int> start_verb(const VerbCall& call);        // start.cpp
Result<int> version_verb(const VerbCall& call);      // version.cpp
Result<int> container_verb(const VerbCall& call);    // verbs.cpp: `container VERB`
Result<int> system_verb(const VerbCall& call);       // verbs.cpp: `system VERB`
Result<int> container_prune_verb(const VerbCall& call);  // prune.cpp
Result<int> kill_verb(const VerbCall& call);             // kill.cpp
Result<int> load_verb(const VerbCall& call);             // load.cpp
Result<int> login_verb(const VerbCall& call);            // login.cpp
Result<int> logout_verb(const VerbCall& call);           // logout.cpp
Result<int> logs_verb(const VerbCall& call);             // logs.cpp
Result<int> pause_verb(const VerbCall& call);            // pause.cpp
Result<int> rename_verb(const VerbCall& call);           // rename.cpp
Result<int> restart_verb(const VerbCall& call);          // stop.cpp
Result<int> rm_verb(const VerbCall& call);               // rm.cpp
Result<int> rmi_verb(const VerbCall& call);              // rmi.cpp
Result<int> save_verb(const VerbCall& call);             // save.cpp
Result<int> stats_verb(const VerbCall& call);            // stats.cpp
Result<int> stop_verb(const VerbCall& call);             // stop.cpp
Result<int> system_prune_verb(const VerbCall& call);     // prune.cpp
Result<int> tag_verb(const VerbCall& call);              // rmi.cpp
Result<int> top_verb(const VerbCall& call);              // top.cpp
Result<int> unpause_verb(const VerbCall& call);          // pause.cpp
Result<int> update_verb(const VerbCall& call);           // update.cpp
Result<int> wait_verb(const VerbCall& call);             // wait.cpp

Result<int> volume_verb(const VerbCall& call);          // verbs.cpp: `volume VERB`
Result<int> volume_create_verb(const VerbCall& call);   // volume_create.cpp
Result<int> volume_inspect_verb(const VerbCall& call);  // volume_inspect.cpp
Result<int> volume_ls_verb(const VerbCall& call);       // volume_ls.cpp
Result<int> volume_prune_verb(const VerbCall& call);    // volume_prune.cpp
Result<int> volume_rm_verb(const VerbCall& call);       // volume_rm.cpp

Result<int> network_verb(const VerbCall& call);             // verbs.cpp: `network VERB`
Result<int> network_connect_verb(const VerbCall& call);     // network_connect.cpp
Result<int> network_create_verb(const VerbCall& call);      // network_create.cpp
Result<int> network_disconnect_verb(const VerbCall& call);  // network_connect.cpp
Result<int> network_inspect_verb(const VerbCall& call);     // network_inspect.cpp
Result<int> network_ls_verb(const VerbCall& call);          // network_ls.cpp
Result<int> network_prune_verb(const VerbCall& call);       // network_prune.cpp
Result<int> network_reload_verb(const VerbCall& call);      // network_rm.cpp
Result<int> network_rm_verb(const VerbCall& call);          // network_rm.cpp

Result<int> manifest_inspect_verb(const VerbCall& call);  // manifest.cpp
Result<int> manifest_verb(const VerbCall& call);          // verbs.cpp: `manifest VERB`
Result<int> push_verb(const VerbCall& call);              // push.cpp

}  // namespace mycontainer::cmd
