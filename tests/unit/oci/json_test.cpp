#include "runtime/oci/json.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "reexec/sys/file.h"
#include "tests/unit/oci/full_document.h"

namespace mycontainer::runtime::oci {
namespace {

using Json = nlohmann::json;

// A copy of the smallest valid document with one property replaced, by JSON pointer.
std::string with(const char* pointer, const Json& value) {
  Json document = {{"ociVersion", "1.2.0"}, {"root", {{"path", "rootfs"}}}};
  document[Json::json_pointer(pointer)] = value;
  return document.dump();
}

std::string error_of(const std::string& text) {
  const Result<Spec> spec = from_json(text);
  return spec ? "accepted" : spec.error().message();
}

TEST(OciJson, ReadsEveryPropertyOfACompleteDocumentAndWritesItBackTheSame) {
  const Result<Spec> spec = from_json(kFullDocument);
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_EQ(Json::parse(to_json(*spec)), Json::parse(kFullDocument));
}

TEST(OciJson, PutsValuesWhereTheStructsSayTheyAre) {
  const Result<Spec> spec = from_json(kFullDocument);
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_EQ(spec->process->rlimits.at(1).soft, 18446744073709551615u);
  EXPECT_EQ(spec->process->io_priority->priority_class, "IOPRIO_CLASS_IDLE");
  EXPECT_EQ(spec->linux_config.resources.pids_limit, 0);
  EXPECT_EQ(spec->linux_config.resources.memory->swap, -1);
  EXPECT_EQ(spec->linux_config.resources.block_io->throttle_write_iops_device.at(0).rate, 300u);
  EXPECT_EQ(spec->linux_config.time_offsets.at("boottime").secs, -1337);
  EXPECT_EQ(spec->linux_config.seccomp->syscalls.at(1).args.at(0).value_two, 5u);
  EXPECT_EQ(spec->mounts.at(1).uid_mappings.at(0).host_id, 1000u);
}

TEST(OciJson, ReadsWhatTheOtherRuntimesWriteAsTheirExample) {
  char directory[] = "/tmp/oci-json-XXXXXX";
  ASSERT_NE(::mkdtemp(directory), nullptr);
  const std::string enter = std::string("cd ") + directory + " && ";
  int read = 0;
  for (const char* runtime : {"runc spec", "runc spec --rootless", "crun spec"}) {
    if (std::system((enter + "rm -f config.json && " + runtime + " 2>/dev/null").c_str()) != 0)
      continue;
    const auto text = sys::read_file_at(AT_FDCWD, std::string(directory) + "/config.json");
    ASSERT_TRUE(text) << text.error().message();
    const Result<Spec> spec = from_json(*text);
    ASSERT_TRUE(spec) << runtime << ": " << spec.error().message();
    Json expected = Json::parse(*text);
    if (auto& capabilities = expected["process"]["capabilities"];
        capabilities["inheritable"].empty())
      capabilities.erase("inheritable");  // an empty array says what an absent one says
    EXPECT_EQ(Json::parse(to_json(*spec)), expected) << runtime;
    ++read;
  }
  EXPECT_TRUE(sys::remove_tree_at(AT_FDCWD, directory));
  if (read == 0) GTEST_SKIP() << "neither runc nor crun is installed";
}

TEST(OciJson, LeavesOutWhatIsAbsent) {
  Spec spec;
  spec.root.path = "/r";
  EXPECT_EQ(to_json(spec),
            "{\n  \"ociVersion\": \"1.3.0\",\n  \"root\": {\n    \"path\": \"/r\"\n  }\n}");
}

TEST(OciJson, KeepsAnOptionalValueThatIsZeroOrFalse) {
  Spec spec;
  spec.root.path = "/r";
  spec.linux_config.resources.memory.emplace().disable_oom_killer = false;
  spec.linux_config.resources.memory->swappiness = 0;
  const Result<Spec> again = from_json(to_json(spec));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->linux_config.resources.memory->disable_oom_killer, false);
  EXPECT_EQ(again->linux_config.resources.memory->swappiness, 0u);
  EXPECT_FALSE(again->linux_config.resources.memory->limit.has_value());
}

TEST(OciJson, TakesNullAndEmptyListsAsClientsWriteThem) {
  const Result<Spec> spec = from_json(R"({
    "ociVersion": "1.0.2-dev", "root": {"path": "/r"}, "hostname": null, "mounts": null,
    "process": {"cwd": "/", "user": {"uid": 0, "gid": 0, "additionalGids": null}, "args": ["a"],
      "env": [], "rlimits": null, "capabilities": {"bounding": null}, "apparmorProfile": null,
      "selinuxLabel": "", "oomScoreAdj": null, "scheduler": null, "ioPriority": null},
    "hooks": {"prestart": [{"path": "/h", "args": null, "env": [], "timeout": null}],
      "poststart": null},
    "linux": {"resources": {"devices": [], "memory": {}, "cpu": null, "pids": null,
      "blockIO": {}, "network": {"classID": null, "priorities": []}, "unified": null},
      "seccomp": null, "sysctl": null, "uidMappings": null, "intelRdt": null}})");
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_FALSE(spec->hooks.prestart.at(0).timeout);
  EXPECT_FALSE(spec->process->oom_score_adj);
  EXPECT_FALSE(spec->linux_config.resources.pids_limit);
}

TEST(OciJson, IgnoresPropertiesItDoesNotKnowAndTakesNullForAbsent) {
  EXPECT_TRUE(from_json(with("/org.example.extension", {{"a", {1, 2, 3}}})));
  EXPECT_TRUE(from_json(with("/process", nullptr)));
  EXPECT_FALSE(from_json(with("/process", nullptr))->process.has_value());
}

TEST(OciJson, NamesThePlaceOfAValueOfTheWrongType) {
  EXPECT_EQ(error_of(with("/hostname", 7)), "hostname: expected a string");
  EXPECT_EQ(error_of(with("/root", "rootfs")), "root: expected an object");
  EXPECT_EQ(error_of(with("/root/readonly", "yes")), "root.readonly: expected true or false");
  EXPECT_EQ(error_of(with("/mounts", Json::object())), "mounts: expected an array");
  EXPECT_EQ(error_of(with("/linux/sysctl", {{"net.core.somaxconn", 128}})),
            "linux.sysctl.net.core.somaxconn: expected a string");
  EXPECT_EQ(error_of(with("/process", {{"cwd", "/"}, {"args", {"sh", 1}}})),
            "process.args[1]: expected a string");
  EXPECT_EQ(error_of(with("/linux/resources/pids", 5)), "linux.resources.pids: expected an object");
  EXPECT_EQ(error_of("[]"), "config.json: expected an object");
}

TEST(OciJson, RefusesNumbersThatDoNotFitTheirProperty) {
  const Json user = {{"uid", 4294967296u}, {"gid", 0}};
  EXPECT_EQ(error_of(with("/process", {{"cwd", "/"}, {"user", user}})),
            "process.user.uid: expected a whole number from 0 to 4294967295");
  for (const Json& bad : {Json(-1), Json(1.5), Json("0"), Json(true), Json(1e300)})
    EXPECT_EQ(error_of(with("/process", {{"cwd", "/"}, {"user", {{"uid", bad}, {"gid", 0}}}})),
              "process.user.uid: expected a whole number from 0 to 4294967295");
  EXPECT_EQ(error_of(with("/process", {{"cwd", "/"}, {"oomScoreAdj", 2147483648}})),
            "process.oomScoreAdj: expected a whole number from -2147483648 to 2147483647");
}

TEST(OciJson, NamesARequiredPropertyThatIsMissing) {
  EXPECT_EQ(error_of("{}"), "ociVersion: missing");
  EXPECT_EQ(error_of(R"({"ociVersion": "1.0.0"})"), "root: missing");
  EXPECT_EQ(error_of(with("/mounts", {{{"type", "proc"}}})), "mounts[0].destination: missing");
}

TEST(OciJson, RefusesTextThatIsNotJsonTooLongOrTooDeep) {
  EXPECT_EQ(error_of(""), "config.json: not valid JSON");
  EXPECT_EQ(error_of("{\"ociVersion\": \"1.0.0\""), "config.json: not valid JSON");
  EXPECT_EQ(error_of("{\"ociVersion\": \"\xff\"}"), "config.json: not valid JSON");
  EXPECT_EQ(error_of(std::string(5u << 20, ' ')), "config.json: larger than 4194304 bytes");
  EXPECT_EQ(error_of(std::string(100'000, '[')), "config.json: nested deeper than 64 levels");
  EXPECT_TRUE(from_json(with("/hostname", std::string(1000, '[') + "\\\"{{")));
}

TEST(OciJson, ReadsAProcessAloneAndNamesItsPlacesAsInTheWholeConfiguration) {
  const Result<Process> process = process_from_json(
      R"({"terminal": false, "args": ["/bin/true"], "cwd": "/", "user": {"uid": 1, "gid": 2},
          "execCPUAffinity": {"initial": "1"}, "selinuxLabel": "", "capabilities": null})");
  ASSERT_TRUE(process) << process.error().message();
  EXPECT_EQ(process->user.gid, 2u);
  EXPECT_EQ(process->exec_cpu_affinity->initial, "1");
  EXPECT_EQ(process_from_json(to_json(*process))->args, process->args);
  const auto error = [](const char* text) { return process_from_json(text).error().message(); };
  EXPECT_EQ(error(R"({"cwd": "/", "rlimits": [{"type": "RLIMIT_CPU", "hard": 1, "soft": -1}]})"),
            "process.rlimits[0].soft: expected a whole number from 0 to 18446744073709551615");
  EXPECT_EQ(error("{}"), "process.cwd: missing");
  EXPECT_EQ(error("[]"), "process: expected an object");
  EXPECT_EQ(error("{"), "process: not valid JSON");
}

TEST(OciJson, ReadsResourcesAlone) {
  const Result<Resources> resources =
      resources_from_json(R"({"memory": {"limit": 1048576}, "pids": {"limit": null}, "cpu": {}})");
  ASSERT_TRUE(resources) << resources.error().message();
  EXPECT_EQ(resources->memory->limit, 1048576);
  EXPECT_FALSE(resources->pids_limit);
  EXPECT_EQ(resources_from_json(to_json(*resources))->memory->limit, 1048576);
  EXPECT_EQ(resources_from_json(R"({"cpu": {"shares": "many"}})").error().message(),
            "linux.resources.cpu.shares: expected a whole number from 0 to 18446744073709551615");
}

TEST(OciJson, TakesANegativeDeviceNumberForAny) {
  const Result<Resources> resources = resources_from_json(
      R"({"devices": [{"allow": true, "type": "c", "major": -1, "minor": 5, "access": "rwm"}]})");
  ASSERT_TRUE(resources) << resources.error().message();
  EXPECT_FALSE(resources->devices.at(0).major);
  EXPECT_EQ(resources->devices.at(0).minor, 5);
}

TEST(OciJson, WritesBytesThatAreNotUtf8AsReplacementCharacters) {
  Spec spec;
  spec.root.path = "/\xff";
  EXPECT_EQ(Json::parse(to_json(spec))["root"]["path"], "/\xEF\xBF\xBD");
}

}  // namespace
}  // namespace mycontainer::runtime::oci
