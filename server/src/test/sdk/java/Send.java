import com.segment.analytics.Analytics;
import com.segment.analytics.Callback;
import com.segment.analytics.messages.AliasMessage;
import com.segment.analytics.messages.GroupMessage;
import com.segment.analytics.messages.IdentifyMessage;
import com.segment.analytics.messages.Message;
import com.segment.analytics.messages.TrackMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Five calls of analytics-java for each {@code url key name} on the command line, all at the same
 * time; prints what the SDK's callback heard of each. A url with a path is taken as upload URL.
 * Started as a source file beside the jars of one version.
 */
final class Send {
  private static final int CALLS = 5;

  public static void main(String[] args) throws Exception {
    List<Analytics> all = new ArrayList<>();
    CountDownLatch open = new CountDownLatch(args.length / 3 * CALLS);
    for (int i = 0; i < args.length; i += 3) {
      String url = args[i];
      String name = args[i + 2];
      Analytics.Builder builder =
          Analytics.builder(args[i + 1])
              .callback(
                  new Callback() {
                    @Override
                    public void success(Message message) {
                      System.out.println(name + " success " + message.type());
                      open.countDown();
                    }

                    @Override
                    public void failure(Message message, Throwable error) {
                      System.out.println(name + " failure " + message.type() + " " + error);
                      open.countDown();
                    }
                  });
      Analytics analytics =
          (url.matches("http://[^/]+/?") ? builder.endpoint(url) : builder.setUploadURL(url))
              .build();
      all.add(analytics);
      analytics.enqueue(
          IdentifyMessage.builder()
              .userId(name + "-old")
              .traits(Map.of("email", "Old@" + name + ".example", "name", "Old Name")));
      analytics.enqueue(
          IdentifyMessage.builder()
              .userId(name + "-new")
              .traits(
                  Map.of(
                      "email",
                      "New@" + name + ".example",
                      "name",
                      "New Name",
                      "billingUserId",
                      "cus_" + name,
                      "plan",
                      "pro")));
      analytics.enqueue(
          GroupMessage.builder(name + "-group")
              .userId(name + "-new")
              .traits(Map.of("name", "Group " + name)));
      analytics.enqueue(AliasMessage.builder(name + "-old").userId(name + "-new"));
      analytics.enqueue(
          TrackMessage.builder("Signed Up").userId(name + "-new").properties(Map.of("seats", 3)));
      analytics.flush();
    }
    boolean done = open.await(100, TimeUnit.SECONDS);
    all.forEach(Analytics::shutdown);
    System.out.println(done ? "done" : "not done: " + open.getCount() + " calls unanswered");
    System.exit(done ? 0 : 1);
  }
}
