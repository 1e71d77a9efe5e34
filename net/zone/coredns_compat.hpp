// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Where CoreDNS 1.14.7 answers other than the RFCs ask, one line each. Nearly all follow CoreDNS so that a switch
/// changes no answer; a departure is made by changing the line here and naming it in actors/stages/DEPARTURES.md.
namespace troupe::zone::coredns_compat {

/// TXT at a name that exists but holds no records of any type (apex, `svc`, a namespace), PTR too at `ns.dns`: CoreDNS
/// says NXDOMAIN, which denies the whole zone to resolvers that follow RFC 8020. Here it is NODATA (RFC 2308
/// section 2.2).
inline constexpr bool txt_denies_empty_names = false;

/// CoreDNS: SOA below the apex is NODATA without a look whether the name exists. Here a missing name is missing for
/// this type too (RFC 2308 section 2.1), and falls through like for others.
inline constexpr bool soa_never_denies = false;

/// CoreDNS: `dns-version` has a TXT record and is NXDOMAIN for every other type. Here it is NODATA (RFC 2308
/// section 2.2).
inline constexpr bool dns_version_is_txt_only = false;

/// CoreDNS: `dns.<zone>`, above `ns.dns.<zone>`, is NXDOMAIN. Here it is NODATA (RFC 8020 section 2).
inline constexpr bool denies_dns_label = false;

/// CoreDNS: `_tcp.<service>`, above `_http._tcp.<service>`, is NXDOMAIN, which ends the search of resolvers that go
/// label by label (RFC 9156). Here it is NODATA (RFC 8020 section 2, RFC 4592 section 2.2.2).
inline constexpr bool denies_names_above_ports = false;

/// CoreDNS: `_zone.<service>` and `pin._zone.<service>`, above names of topology zones, are NXDOMAIN. Here they are
/// NODATA, likewise.
inline constexpr bool denies_names_above_zones = false;

/// CoreDNS: with `namespace_labels`, addresses have PTR records in namespaces that are hidden otherwise. Here such
/// names are hidden from both sides, as with `namespaces` (RFC 1912 section 2.1: PTR and address records match).
inline constexpr bool ptr_shows_unselected_namespaces = false;

/// CoreDNS: an address in a reverse zone has no type but PTR, and is NXDOMAIN for others. Here NODATA (RFC 2308
/// section 2.2).
inline constexpr bool reverse_is_ptr_only = false;

/// CoreDNS: NS at the apex and everything at `ns.dns` need the zone spelled in lower case. Here they do not (RFC 4343
/// section 3).
inline constexpr bool ns_needs_lower_case = false;

/// CoreDNS names the link-local addresses of its interfaces as name servers. Nobody else can use them (RFC 4472
/// section 2.1); they are left out.
inline constexpr bool names_link_local = false;

/// One or two labels in front of a pod's name change nothing: `x.10-0-0-1.ns.pod` answers as `10-0-0-1.ns.pod` does.
inline constexpr bool pods_ignore_prefix = true;

/// SRV at a pod's name has port 0 and points at the name itself.
inline constexpr bool pods_have_srv = true;

/// k8s_external: without `headless`, one label in front of a service that has external addresses changes nothing:
/// `x.service.ns.example.org` answers as the service does. RFC 1034 section 4.3.2 asks for NXDOMAIN.
inline constexpr bool external_ignores_endpoints = true;

/// ip6.arpa names with one to three labels too many are read as if those were not there.
inline constexpr bool ptr_ignores_prefix = true;

} // namespace troupe::zone::coredns_compat
