#include "cmd/verbs.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "cmd/build_info.h"
#include "cmd/oci/program.h"
#include "cmd/print/usage.h"

namespace mycontainer::cmd {
namespace {

constexpr int kEngineFailed = 125;

constexpr std::string_view kContainers = "[OPTIONS] CONTAINER [CONTAINER...]";

// A verb of the program and of `mycontainer container`.
constexpr Verb about_containers(std::string_view name, std::string_view words,
                                std::string_view help, Result<int> (*run)(const VerbCall& call),
                                int failure_status = 1) {
  const bool common = name == "run" || name == "exec" || name == "ps";
  return {common ? "Common Commands" : "Commands", name, words, help, run, failure_status, true};
}

// A verb of the program and of `mycontainer image`.
constexpr Verb about_images(std::string_view name, std::string_view words, std::string_view help,
                            Result<int> (*run)(const VerbCall& call)) {
  const bool common = name == "pull" || name == "push";
  return {common ? "Common Commands" : "Commands", name, words, help, run, 1, false, true};
}

constexpr std::string_view kImagesWords = "[OPTIONS] [REPOSITORY[:TAG]]";

constexpr std::array kVerbs = {
    about_containers("run", "[OPTIONS] [IMAGE] [COMMAND] [ARG...]",
                     "Create and run a new container", run_verb, kEngineFailed),
    about_containers("exec", "[OPTIONS] CONTAINER COMMAND [ARG...]",
                     "Execute a command in a running container", exec_verb),
    about_containers("ps", "[OPTIONS]", "List containers", ps_verb),
    about_images("pull", "[OPTIONS] NAME[:TAG|@DIGEST]", "Download an image from a registry",
                 pull_verb),
    about_images("push", "[OPTIONS] NAME[:TAG]", "Upload an image to a registry", push_verb),
    Verb{"Common Commands", "images", kImagesWords, "List images", images_verb},
    Verb{"Common Commands", "info", "[OPTIONS]", "Display system-wide information", info_verb},
    Verb{"Common Commands", "login", "[OPTIONS] [SERVER]", "Authenticate to a registry",
         login_verb},
    Verb{"Common Commands", "logout", "[OPTIONS] [SERVER]", "Log out from a registry", logout_verb},
    Verb{"Common Commands", "version", "", "Show the version and what the kernel offers",
         version_verb},
    Verb{"Management Commands", "container", "COMMAND", "Manage containers", container_verb},
    Verb{"Management Commands", "image", "COMMAND", "Manage images", image_verb},
    Verb{"Management Commands", "manifest", "COMMAND",
         "Show manifests and manifest lists of a registry", manifest_verb},
    Verb{"Management Commands", "network", "COMMAND", "Manage networks", network_verb},
    Verb{"Management Commands", "system", "COMMAND", "Manage mycontainer", system_verb},
    Verb{"Management Commands", "volume", "COMMAND", "Manage volumes", volume_verb},
    about_containers(
        "attach", "[OPTIONS] CONTAINER",
        "Attach local standard input, output, and error streams to a running container",
        attach_verb),
    about_containers("commit", "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
                     "Create a new image from a container's changes", commit_verb),
    about_containers("cp",
                     "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n"
                     "        mycontainer cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
                     "Copy files/folders between a container and the local filesystem", cp_verb),
    about_containers("create", "[OPTIONS] [IMAGE] [COMMAND] [ARG...]", "Create a new container",
                     create_verb),
    about_containers("diff", "CONTAINER",
                     "Inspect changes to files or directories on a container's filesystem",
                     diff_verb),
    Verb{"Commands", "events", "[OPTIONS]", "Get real time events", events_verb},
    about_containers("export", "[OPTIONS] CONTAINER",
                     "Export a container's filesystem as a tar archive", export_verb),
    Verb{"Commands", "help", "[COMMAND]", "Show help about the program or one of its commands",
         help_verb},
    about_images("history", "[OPTIONS] IMAGE", "Show the history of an image", history_verb),
    about_images("import", "[OPTIONS] file|- [REPOSITORY[:TAG]]",
                 "Import the contents from a tarball to create a filesystem image", import_verb),
    Verb{"Commands", "inspect", "[OPTIONS] NAME|ID [NAME|ID...]",
         "Return low-level information on containers, images, networks and volumes", inspect_verb},
    about_containers("kill", kContainers, "Kill one or more running containers", kill_verb),
    about_images("load", "[OPTIONS]", "Load an image from a tar archive or STDIN", load_verb),
    about_containers("logs", "[OPTIONS] CONTAINER", "Fetch the logs of a container", logs_verb),
    about_containers("pause", "CONTAINER [CONTAINER...]",
                     "Pause all processes within one or more containers", pause_verb),
    about_containers("port", "CONTAINER [PRIVATE_PORT[/PROTO]]",
                     "List port mappings or a specific mapping for the container", port_verb),
    about_containers("rename", "CONTAINER NEW_NAME", "Rename a container", rename_verb),
    about_containers("restart", kContainers, "Restart one or more containers", restart_verb),
    about_containers("rm", kContainers, "Remove one or more containers", rm_verb),
    Verb{"Commands", "rmi", "[OPTIONS] IMAGE [IMAGE...]", "Remove one or more images", rmi_verb},
    about_images("save", "[OPTIONS] IMAGE [IMAGE...]",
                 "Save one or more images to a tar archive (streamed to STDOUT by default)",
                 save_verb),
    about_containers("start", kContainers, "Start one or more stopped containers", start_verb),
    about_containers("stats", "[OPTIONS] [CONTAINER...]",
                     "Display a live stream of container(s) resource usage statistics", stats_verb),
    about_containers("stop", kContainers, "Stop one or more running containers", stop_verb),
    about_images("tag", "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
                 "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE", tag_verb),
    about_containers("top", "CONTAINER [ps OPTIONS]",
                     "Display the running processes of a container", top_verb),
    about_containers("unpause", "CONTAINER [CONTAINER...]",
                     "Unpause all processes within one or more containers", unpause_verb),
    about_containers("update", kContainers, "Update configuration of one or more containers",
                     update_verb),
    about_containers("wait", "CONTAINER [CONTAINER...]",
                     "Block until one or more containers stop, then print their exit codes",
                     wait_verb),
    Verb{"OCI Runtime", "oci", "[OPTIONS] COMMAND",
         "Be an OCI runtime: the commands of runc and crun", oci_verb},
};

// Beside those above.
constexpr std::array kContainerOnly = {
    Verb{"Commands", "inspect", "[OPTIONS] CONTAINER [CONTAINER...]",
         "Display detailed information on one or more containers", inspect_verb},
    Verb{"Commands", "list", "[OPTIONS]", "List containers", ps_verb},
    Verb{"Commands", "ls", "[OPTIONS]", "List containers", ps_verb},
    Verb{"Commands", "prune", "[OPTIONS]", "Remove all stopped containers", container_prune_verb},
};
constexpr std::array kImageOnly = {
    Verb{"Commands", "inspect", "[OPTIONS] IMAGE [IMAGE...]",
         "Display detailed information on one or more images", inspect_verb},
    Verb{"Commands", "list", kImagesWords, "List images", images_verb},
    Verb{"Commands", "ls", kImagesWords, "List images", images_verb},
    Verb{"Commands", "prune", "[OPTIONS]", "Remove unused images", image_prune_verb},
    Verb{"Commands", "remove", "[OPTIONS] IMAGE [IMAGE...]", "Remove one or more images", rmi_verb},
    Verb{"Commands", "rm", "[OPTIONS] IMAGE [IMAGE...]", "Remove one or more images", rmi_verb},
};
constexpr std::array kManifestVerbs = {
    Verb{"Commands", "inspect", "[OPTIONS] [MANIFEST_LIST] MANIFEST",
         "Display an image manifest, or manifest list", manifest_inspect_verb},
};
constexpr std::array kNetworkVerbs = {
    Verb{"Commands", "connect", "[OPTIONS] NETWORK CONTAINER", "Connect a container to a network",
         network_connect_verb},
    Verb{"Commands", "create", "[OPTIONS] NETWORK", "Create a network", network_create_verb},
    Verb{"Commands", "disconnect", "[OPTIONS] NETWORK CONTAINER",
         "Disconnect a container from a network", network_disconnect_verb},
    Verb{"Commands", "inspect", "[OPTIONS] NETWORK [NETWORK...]",
         "Display detailed information on one or more networks", network_inspect_verb},
    Verb{"Commands", "list", "[OPTIONS]", "List networks", network_ls_verb},
    Verb{"Commands", "ls", "[OPTIONS]", "List networks", network_ls_verb},
    Verb{"Commands", "prune", "[OPTIONS]", "Remove all unused networks", network_prune_verb},
    Verb{"Commands", "reload", "", "Restore the bridges and rules that somebody removed",
         network_reload_verb},
    Verb{"Commands", "remove", "[OPTIONS] NETWORK [NETWORK...]", "Remove one or more networks",
         network_rm_verb},
    Verb{"Commands", "rm", "[OPTIONS] NETWORK [NETWORK...]", "Remove one or more networks",
         network_rm_verb},
};
constexpr std::array kSystemVerbs = {
    Verb{"Commands", "boot", "", "Start what its restart policy says should run", boot_verb},
    Verb{"Commands", "df", "[OPTIONS]", "Show disk usage", system_df_verb},
    Verb{"Commands", "events", "[OPTIONS]", "Get real time events", events_verb},
    Verb{"Commands", "info", "[OPTIONS]", "Display system-wide information", info_verb},
    Verb{"Commands", "prune", "[OPTIONS]", "Remove unused data", system_prune_verb},
};
constexpr std::array kVolumeVerbs = {
    Verb{"Commands", "create", "[OPTIONS] [VOLUME]", "Create a volume", volume_create_verb},
    Verb{"Commands", "inspect", "[OPTIONS] VOLUME [VOLUME...]",
         "Display detailed information on one or more volumes", volume_inspect_verb},
    Verb{"Commands", "list", "[OPTIONS]", "List volumes", volume_ls_verb},
    Verb{"Commands", "ls", "[OPTIONS]", "List volumes", volume_ls_verb},
    Verb{"Commands", "prune", "[OPTIONS]", "Remove unused local volumes", volume_prune_verb},
    Verb{"Commands", "remove", "[OPTIONS] VOLUME [VOLUME...]", "Remove one or more volumes",
         volume_rm_verb},
    Verb{"Commands", "rm", "[OPTIONS] VOLUME [VOLUME...]", "Remove one or more volumes",
         volume_rm_verb},
};

std::vector<Verb> make_group(std::span<const Verb> only, bool Verb::*also) {
  std::vector<Verb> table(only.begin(), only.end());
  std::ranges::copy_if(kVerbs, std::back_inserter(table), also);
  std::ranges::sort(table, {}, &Verb::name);
  for (Verb& verb : table) verb.group = "Commands";
  return table;
}

std::string group_help(const VerbCall& call, std::span<const Verb> table) {
  std::vector<print::NamedHelp> entries;
  for (const Verb& verb : table) entries.push_back({verb.group, verb.name, verb.help});
  return fmt::format(
      "Usage:  mycontainer {0} COMMAND\n\n{1}\n{2}\n"
      "Run 'mycontainer {0} COMMAND --help' for more information on a command.\n",
      call.path, call.verb.help, print::grouped_list(entries));
}

Result<int> run_group(const VerbCall& call, std::span<const Verb> table) {
  const std::string_view name = call.arguments.empty() ? "--help" : call.arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    TRY_VOID(say(group_help(call, table)));
    return 0;
  }
  const Verb* verb = find_verb(table, name);
  if (verb == nullptr) return unknown_verb(table, name);
  auto code = verb->run(
      {call.globals, *verb, fmt::format("{} {}", call.path, name), call.arguments.subspan(1)});
  if (code || code.error().exit_status != 0) return code;
  Error error = std::move(code).error();
  error.exit_status = verb->failure_status;
  return Failure(std::move(error));
}

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }
std::span<const Verb> container_verbs() {
  static const std::vector<Verb> kTable = make_group(kContainerOnly, &Verb::of_container);
  return kTable;
}
std::span<const Verb> image_verbs() {
  static const std::vector<Verb> kTable = make_group(kImageOnly, &Verb::of_image);
  return kTable;
}
std::span<const Verb> manifest_verbs() { return kManifestVerbs; }
std::span<const Verb> network_verbs() { return kNetworkVerbs; }
std::span<const Verb> system_verbs() { return kSystemVerbs; }
std::span<const Verb> volume_verbs() { return kVolumeVerbs; }

Result<int> container_verb(const VerbCall& call) { return run_group(call, container_verbs()); }
Result<int> image_verb(const VerbCall& call) { return run_group(call, image_verbs()); }
Result<int> manifest_verb(const VerbCall& call) { return run_group(call, kManifestVerbs); }
Result<int> network_verb(const VerbCall& call) { return run_group(call, kNetworkVerbs); }
Result<int> system_verb(const VerbCall& call) { return run_group(call, kSystemVerbs); }
Result<int> volume_verb(const VerbCall& call) { return run_group(call, kVolumeVerbs); }

Result<int> oci_verb(const VerbCall& call) {
  return oci::run_program(call.arguments, {kVersion, kCommit});
}

}  // namespace mycontainer::cmd
