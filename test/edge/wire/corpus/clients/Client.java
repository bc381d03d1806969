import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A handshake by Java's own TLS: Client PORT [SERVER_NAME [PROTOCOL,...]] */
public class Client {
  public static void main(String[] args) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
    int port = Integer.parseInt(args[0]);
    try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      var parameters = socket.getSSLParameters();
      if (args.length > 1) parameters.setServerNames(List.of(new SNIHostName(args[1])));
      if (args.length > 2) parameters.setApplicationProtocols(args[2].split(","));
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      socket.getInputStream().read();
    }
  }

  static class TrustAll implements X509TrustManager {
    public void checkClientTrusted(X509Certificate[] chain, String type) {}
    public void checkServerTrusted(X509Certificate[] chain, String type) {}
    public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
  }
}
