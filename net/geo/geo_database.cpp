// SPDX-License-Identifier: Apache-2.0
#include "net/geo/geo_database.hpp"

#include "net/geo/geo_record.hpp"
#include "net/geo/opened_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>

namespace troupe::geo {

namespace {

using words = std::string;

/// What databases of these types say, as CoreDNS's library has it.
constexpr std::string_view city_types[] = {"DBIP-City-Lite",
                                           "DBIP-Country-Lite",
                                           "DBIP-Country",
                                           "DBIP-Location (compat=City)",
                                           "GeoLite2-City",
                                           "GeoIP-City-Redacted-US",
                                           "GeoIP2-City",
                                           "GeoIP2-City-Africa",
                                           "GeoIP2-City-Asia-Pacific",
                                           "GeoIP2-City-Europe",
                                           "GeoIP2-City-North-America",
                                           "GeoIP2-City-South-America",
                                           "GeoIP2-Precision-City",
                                           "GeoLite2-Country",
                                           "GeoIP2-Country",
                                           "DBIP-ISP (compat=Enterprise)",
                                           "DBIP-Location-ISP (compat=Enterprise)",
                                           "GeoIP-Enterprise-Redacted-US",
                                           "GeoIP2-Enterprise"};
constexpr std::string_view network_types[] = {"DBIP-ASN-Lite (compat=GeoLite2-ASN)", "GeoLite2-ASN", "GeoIP2-ISP",
                                              "GeoIP2-Precision-ISP"};
constexpr std::string_view other_types[] = {"GeoIP-Anonymous-Plus", "GeoIP2-Anonymous-IP", "GeoIP2-Connection-Type",
                                            "GeoIP2-Domain"};

bool is_one_of(std::span<const std::string_view> types, std::string_view type) noexcept {
  return std::ranges::find(types, type) != types.end();
}

/// A descriptor that is closed.
class descriptor {
public:
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  int get() const noexcept { return fd_; }
  bool is_open() const noexcept { return fd_ >= 0; }

private:
  int fd_;
};

/// Tells a file from what it was before.
using file_mark = std::array<uint64_t, 6>;

file_mark mark_of(const struct stat& s) noexcept {
  return {s.st_dev,
          s.st_ino,
          static_cast<uint64_t>(s.st_size),
          static_cast<uint64_t>(s.st_mtim.tv_sec),
          static_cast<uint64_t>(s.st_mtim.tv_nsec),
          static_cast<uint64_t>(s.st_ctim.tv_nsec)};
}

words reason(const char* what) {
  const char* const text = ::strerrordesc_np(errno);
  words out = text ? text : "error";
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') // as Go has it
    out[0] = static_cast<char>(out[0] + 32);
  return what + out;
}

/// Empty, or why the file is not in `to`.
words copy_into(int to, int from, size_t octets) {
  std::array<char, 1 << 16> room;
  for (size_t left = octets; left > 0;) {
    const ssize_t got = ::read(from, room.data(), std::min(left, room.size()));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return got < 0 ? reason("read: ") : "unexpected EOF";
    for (ssize_t done = 0; done < got;) {
      const ssize_t put = ::write(to, room.data() + done, static_cast<size_t>(got - done));
      if (put < 0 && errno != EINTR)
        return reason("there is no memory for it: ");
      done += std::max<ssize_t>(put, 0);
    }
    left -= static_cast<size_t>(got);
  }
  return {};
}

/// libmaxminddb looks for it as far back.
bool has_marker(int fd, size_t octets) {
  constexpr std::string_view marker = "\xab\xcd\xefMaxMind.com";
  constexpr size_t most = 128 << 10;
  std::string end(std::min(octets, most), '\0');
  const ssize_t got = ::pread(fd, end.data(), end.size(), static_cast<off_t>(octets - end.size()));
  return got > 0 && end.find(marker) != end.npos;
}

words why_not(int status, int fd, size_t octets) {
  if (status != MMDB_INVALID_METADATA_ERROR && status != MMDB_INVALID_DATA_ERROR)
    return MMDB_strerror(status);
  return has_marker(fd, octets) ? "the MaxMind DB contains invalid metadata"
                                : "error opening database: invalid MaxMind DB file";
}

/// Empty, or why it cannot be read. The memory is sealed, so nothing that happens to the file can end a look-up.
words map_copy(int file, size_t octets, opened_file& out) {
  const descriptor memory{::memfd_create("geoip", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (!memory.is_open())
    return reason("there is no memory for it: ");
  if (auto bad = copy_into(memory.get(), file, octets); !bad.empty())
    return bad;
  ::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  const words path = "/proc/self/fd/" + std::to_string(memory.get());
  const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &out.db);
  out.is_open = status == MMDB_SUCCESS;
  return out.is_open ? words{} : why_not(status, memory.get(), octets);
}

words note_type(opened_file& out) {
  const std::string_view type = out.db.metadata.database_type;
  out.knows_city = is_one_of(city_types, type);
  out.knows_asn = is_one_of(network_types, type);
  if (out.knows_city || out.knows_asn || is_one_of(other_types, type))
    return {};
  return "geoip2: reader does not support the \"" + words{type} + "\" database type";
}

/// Empty, or what keeps the file from being read.
words fill(const std::string& path, int file, const struct stat& is, opened_file& out) {
  if (S_ISDIR(is.st_mode))
    return "read " + path + ": is a directory";
  if (!S_ISREG(is.st_mode))
    return path + " is no regular file";
  if (is.st_size == 0)
    return "file is empty";
  if (static_cast<uint64_t>(is.st_size) > max_database_octets)
    return "file too large: " + std::to_string(is.st_size) + " > " + std::to_string(max_database_octets);
  if (auto bad = map_copy(file, static_cast<size_t>(is.st_size), out); !bad.empty())
    return bad;
  out.name = path.substr(path.rfind('/') + 1);
  return note_type(out);
}

/// Those that are open, by path: who looks at a Corefile again and again shall not read them again.
class open_databases {
public:
  geo_database_ptr find(const std::string& path, const file_mark& mark) {
    const std::lock_guard guard{mutex_};
    const auto found = all_.find(path);
    return found != all_.end() && found->second.mark == mark ? found->second.database.lock() : nullptr;
  }
  void enter(const std::string& path, const file_mark& mark, const geo_database_ptr& database) {
    const std::lock_guard guard{mutex_};
    std::erase_if(all_, [](const auto& each) { return each.second.database.expired(); });
    all_[path] = {mark, database};
  }

private:
  struct entry {
    file_mark mark;
    std::weak_ptr<const geo_database> database;
  };
  std::mutex mutex_;
  std::map<std::string, entry> all_;
};

/// True: found, or not known; false: the address is none that this database can have.
bool find_entry(const MMDB_s& db, std::span<const uint8_t> address, MMDB_lookup_result_s& out) {
  int problem = MMDB_SUCCESS;
  if (address.size() == 4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, address.data(), 4);
    out = MMDB_lookup_sockaddr(&db, reinterpret_cast<const sockaddr*>(&v4), &problem);
    return problem == MMDB_SUCCESS;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  std::memcpy(&v6.sin6_addr, address.data(), 16);
  out = MMDB_lookup_sockaddr(&db, reinterpret_cast<const sockaddr*>(&v6), &problem);
  return problem == MMDB_SUCCESS;
}

template <class Record, class Read>
std::optional<std::string> label_from(const opened_file& file, std::span<const uint8_t> address, std::string_view name,
                                      Read read) {
  MMDB_lookup_result_s found{};
  if (!find_entry(file.db, address, found))
    return std::nullopt;
  if (!found.found_entry)
    return label_of(Record{}, name);
  record_reader from{file.db};
  const std::optional<Record> record = read(from, found.entry.offset);
  return record ? label_of(*record, name) : std::nullopt;
}

} // namespace

geo_database::geo_database(std::unique_ptr<const opened_file> file) : file_(std::move(file)) {}
geo_database::~geo_database() = default;

std::variant<geo_database_ptr, std::string> geo_database::open(const std::string& path) {
  static open_databases known;
  const std::string refused = "failed to open database file: ";
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat is;
  if (!file.is_open() || ::fstat(file.get(), &is) != 0)
    return refused + "open " + path + reason(": ");
  const file_mark mark = mark_of(is);
  if (auto same = known.find(path, mark))
    return same;
  auto opened = std::make_unique<opened_file>();
  if (auto bad = fill(path, file.get(), is, *opened); !bad.empty())
    return refused + bad;
  auto made = std::make_shared<const geo_database>(std::move(opened));
  if (auto bad = made->check(); !bad.empty())
    return bad;
  known.enter(path, mark, made);
  return made;
}

/// Asks for an address as CoreDNS does, to see whether records are what the type says. Empty: all is well.
std::string geo_database::check() const {
  constexpr std::array<uint8_t, 4> probe{127, 0, 0, 1};
  const auto bad = [&](const char* schema) {
    return "unexpected failure looking up database \"" + file_->name + "\" schema \"" + schema +
           "\": the record of 127.0.0.1 cannot be read";
  };
  if (file_->knows_city && !label("city/name", probe))
    return bad("city");
  if (file_->knows_asn && !label("asn/number", probe))
    return bad("asn");
  return file_->knows_city || file_->knows_asn ? "" : "database does not provide any supported schema (city, asn)";
}

std::optional<std::string> geo_database::label(std::string_view name, std::span<const uint8_t> address) const {
  const bool of_network = name.starts_with("asn/");
  if (of_network ? !file_->knows_asn : !file_->knows_city)
    return std::nullopt;
  return of_network ? label_from<network_record>(*file_, address, name, read_network)
                    : label_from<city_record>(*file_, address, name, read_city);
}

} // namespace troupe::geo
