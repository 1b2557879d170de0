#include "runtime/lifecycle/copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "reexec/sys/file.h"
#include "rootfs/archive/tree_reader.h"
#include "rootfs/archive/unpack.h"
#include "runtime/lifecycle/container_files.h"
#include "runtime/lifecycle/local_files.h"

namespace mycontainer::runtime::lifecycle {

namespace {

namespace archive = rootfs::archive;

constexpr const char* kStream = "-";
constexpr int kMaxLinks = 10;

Failure not_found(const CopyRequest& request, const std::string& path) {
  return fail_code(0, "Could not find the file {} in container {}", path, request.container);
}

Result<UniqueFd> duplicate(int fd) {
  UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!copy) return fail_errno("use descriptor {}", fd);
  return copy;
}

// --- the container's side ----------------------------------------------------------------------

struct ContainerSource {
  CopySource source;
  files::PackRequest request;
};

Result<ContainerSource> look_at_source(files::Session& session, const CopyRequest& request) {
  const std::string& typed = request.container_path;
  const std::string path = clean_path(typed);
  ContainerSource result;
  result.request = {path, request.follow_link || names_directory(typed), {}, false};
  TRY(const files::Node node, session.stat(path, result.request.follow));
  if (!node.exists) return not_found(request, typed);
  result.source.is_directory = S_ISDIR(node.mode);
  if (names_directory(typed) && !result.source.is_directory) {
    return fail("{}: not a directory", typed);
  }
  result.source.name = names_content(typed) ? "." : name_of_path(path);
  return result;
}

// As with Docker a link as the target means what it leads to, there or not yet.
Result<CopyTarget> look_at_target(files::Session& session, const CopyRequest& request) {
  CopyTarget target{clean_path(request.container_path), false, false,
                    names_directory(request.container_path)};
  for (int links = 0; links < kMaxLinks; ++links) {
    TRY(const files::Node node, session.stat(target.path, false));
    if (!node.exists) return target;
    if (S_ISCHR(node.mode) || S_ISBLK(node.mode)) {
      return fail("destination \"{}:{}\" must be a directory or a regular file: got a device",
                  request.container, request.container_path);
    }
    target.exists = !S_ISLNK(node.mode);
    target.is_directory = S_ISDIR(node.mode);
    if (target.exists) return target;
    target.path = follow_link(target.path, node.link_target);
  }
  return fail_code(ELOOP, "open {}", request.container_path);
}

// Who unpacks there speaks of the directory; Docker of the file that should have been found.
Failure unpack_failure(Error error, const CopyRequest& request, const std::string& directory) {
  if (error.code == ENOENT) return not_found(request, directory);
  if (error.code == ENOTDIR) return fail("{}: extraction point is not a directory", directory);
  return Failure(std::move(error));
}

// --- both ---------------------------------------------------------------------------------------

// The one that broke off first is to be told of: the other one only saw the pipe end.
template <class Reader, class Writer>
Result<void> both(const Result<Reader>& reader, const Result<Writer>& writer) {
  if (!writer && writer.error().code != EPIPE) return Failure(writer.error());
  if (!reader) return Failure(reader.error());
  if (!writer) return Failure(writer.error());
  return {};
}

Result<std::uint64_t> pack_local(const LocalSource& local, const std::string& name, UniqueFd out) {
  TRY(archive::TarWriter writer, archive::TarWriter::open(out.get()));
  TRY_VOID(archive::pack(local.node.get(), name, writer));
  TRY_VOID(writer.finish());
  return writer.plain_size();
}

Result<std::vector<std::string>> unpack_local(int directory, UniqueFd in, bool keep_owners) {
  TRY(archive::TarReader reader, archive::TarReader::open(in.get()));
  archive::UnpackOptions options;
  // An ordinary user cannot give files away, as with cp(1).
  const bool may_give = keep_owners && ::geteuid() == 0;
  options.owner = may_give ? archive::Owner::kArchive : archive::Owner::kCaller;
  options.rights = may_give;
  return archive::unpack(reader, {directory, {}}, options);
}

Result<CopyOutcome> to_stream(files::Session& session, const files::PackRequest& pack) {
  TRY(UniqueFd out, duplicate(STDOUT_FILENO));
  TRY_VOID(session.start_pack(pack, std::move(out)));
  TRY(const std::uint64_t size, session.finish_pack());
  return CopyOutcome{size, kStream, {}};
}

Result<CopyOutcome> from_stream(files::Session& session, const CopyRequest& request,
                                const CopyTarget& target) {
  if (!target.exists || !target.is_directory) {
    return fail("destination \"{}:{}\" must be a directory", request.container,
                request.container_path);
  }
  TRY(UniqueFd in, duplicate(STDIN_FILENO));
  const auto owner = request.archive ? archive::Owner::kArchive : archive::Owner::kArchiveOrRoot;
  TRY_VOID(session.start_unpack({target.path, owner}, std::move(in)));
  auto left_out = session.finish_unpack();
  if (!left_out) return unpack_failure(std::move(left_out).error(), request, target.path);
  return CopyOutcome{0, request.container + ":" + target.path, *std::move(left_out)};
}

}  // namespace

Result<CopyOutcome> copy_from_container(const state::Roots& roots, const CopyRequest& request) {
  (void)std::signal(SIGPIPE, SIG_IGN);
  const bool is_stream = request.local_path == kStream;
  CopyTarget target;
  if (!is_stream) {
    TRY(target, look_at_local_target(request.local_path));
  }
  TRY(ContainerFiles container, open_files(roots, request.id));
  TRY(ContainerSource source, look_at_source(container.session, request));
  if (is_stream) {
    source.request.name = source.source.name;
    return to_stream(container.session, source.request);
  }
  TRY(const Placement placement, place(source.source, target));
  source.request.name = placement.name;
  TRY(const UniqueFd directory, sys::open_at(AT_FDCWD, placement.directory, O_PATH | O_DIRECTORY));
  TRY(Pipe pipe, make_pipe());
  TRY_VOID(container.session.start_pack(source.request, std::move(pipe.write)));
  auto unpacked = unpack_local(directory.get(), std::move(pipe.read), request.archive);
  const auto size = container.session.finish_pack();
  TRY_VOID(both(unpacked, size));
  TRY(std::string where, absolute_path(request.local_path));
  return CopyOutcome{*size, std::move(where), *std::move(unpacked)};
}

Result<CopyOutcome> copy_to_container(const state::Roots& roots, const CopyRequest& request) {
  (void)std::signal(SIGPIPE, SIG_IGN);
  const bool is_stream = request.local_path == kStream;
  LocalSource local;
  if (!is_stream) {
    TRY(local, open_local_source(request.local_path, request.follow_link));
  }
  TRY(ContainerFiles container, open_files(roots, request.id));
  TRY(const CopyTarget target, look_at_target(container.session, request));
  if (is_stream) return from_stream(container.session, request, target);
  TRY(const Placement placement, place(local.source, target));
  TRY(Pipe pipe, make_pipe());
  const auto owner = request.archive ? archive::Owner::kArchive : archive::Owner::kRoot;
  TRY_VOID(container.session.start_unpack({placement.directory, owner}, std::move(pipe.read)));
  const auto size = pack_local(local, placement.name, std::move(pipe.write));
  auto left_out = container.session.finish_unpack();
  if (!left_out && (size || size.error().code == EPIPE)) {
    return unpack_failure(std::move(left_out).error(), request, placement.directory);
  }
  TRY_VOID(both(left_out, size));
  return CopyOutcome{*size, request.container + ":" + request.container_path, *std::move(left_out)};
}

}  // namespace mycontainer::runtime::lifecycle
