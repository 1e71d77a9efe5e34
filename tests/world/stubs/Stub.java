// SPDX-License-Identifier: Apache-2.0
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/** Java: first argument `system` (the C library) or `jndi` (its own client); then as of addrinfo.c. */
public class Stub {
  static List<String> bySystem(String what, String of) throws Exception {
    List<String> out = new ArrayList<>();
    if (what.equals("address")) {
      String name = InetAddress.getByName(of).getCanonicalHostName();
      if (name.equals(of))
        throw new UnknownHostException(of);
      out.add(name);
      return out;
    }
    for (InetAddress each : InetAddress.getAllByName(of))
      out.add(each.getHostAddress());
    return out;
  }

  static String reverse(String address) {
    String[] parts = address.split("\\.");
    return parts[3] + "." + parts[2] + "." + parts[1] + "." + parts[0] + ".in-addr.arpa";
  }

  static List<String> byJndi(String what, String of) throws Exception {
    Hashtable<String, String> how = new Hashtable<>();
    how.put("java.naming.factory.initial", "com.sun.jndi.dns.DnsContextFactory");
    how.put("java.naming.provider.url", "dns://127.0.0.1");
    boolean address = what.equals("address");
    List<String> out = new ArrayList<>();
    for (String type : address ? new String[] {"PTR"} : new String[] {"A", "AAAA"}) { // of several it asks for ANY
      Attribute found = new InitialDirContext(how).getAttributes(address ? reverse(of) : of, new String[] {type}).get(type);
      for (int i = 0; found != null && i < found.size(); i++)
        out.add(found.get(i).toString());
    }
    return out;
  }

  public static void main(String[] args) {
    for (int i = 1; i + 1 < args.length; i += 2) {
      try {
        List<String> found = args[0].equals("jndi") ? byJndi(args[i], args[i + 1]) : bySystem(args[i], args[i + 1]);
        System.out.println(String.join(" ", found));
      } catch (Exception failed) {
        System.out.println("!" + failed.getClass().getSimpleName());
      }
    }
  }
}
