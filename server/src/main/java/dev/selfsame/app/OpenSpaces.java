package dev.selfsame.app;

import dev.selfsame.access.Access;
import dev.selfsame.store.StoredSpaces;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All spaces while the program runs. One that is made, on whichever server, is open on this one
 * when it is first asked for, and within a second at the latest, so that what it does by itself is
 * done.
 */
final class OpenSpaces implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OpenSpaces.class);

  private final SpaceTools tools;
  private final StoredSpaces stored;
  private final OpenSpace first;
  private final Map<String, OpenSpace> open = new ConcurrentHashMap<>();
  private final ReentrantLock opening = new ReentrantLock();
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("spaces").daemon(true).factory());

  /** Guarded by the lock, as is {@code closed}. */
  private boolean scheduled;

  private boolean closed;

  /**
   * Opens the one that is there from the start; the others when they are asked for, or by {@link
   * #schedule}.
   *
   * @param traitColumns makes sure that these names are columns of {@code segment.users}, which has
   *     the users of the first space
   */
  OpenSpaces(SpaceTools tools, Consumer<Set<String>> traitColumns) {
    this.tools = tools;
    this.stored = new StoredSpaces(tools.database());
    this.first = new OpenSpace(Access.DEFAULT_SPACE, tools, traitColumns);
    open.put(first.name(), first);
  }

  SpaceTools tools() {
    return tools;
  }

  /** The one that is there from the start. */
  OpenSpace first() {
    return first;
  }

  /** One that there is: keys and tokens name no other. */
  OpenSpace of(String name) {
    OpenSpace there = open.get(name);
    return there == null ? opened(name) : there;
  }

  private OpenSpace opened(String name) {
    opening.lock();
    try {
      OpenSpace there = open.get(name);
      if (there != null) {
        return there;
      }
      if (closed) {
        throw new IllegalStateException("The hub is stopping");
      }
      OpenSpace made = new OpenSpace(name, tools, names -> {});
      if (scheduled) {
        made.schedule();
      }
      open.put(name, made);
      return made;
    } finally {
      opening.unlock();
    }
  }

  /** From now on each does what it does by itself, those that are made later too. */
  void schedule() {
    opening.lock();
    try {
      scheduled = true;
      open.values().forEach(OpenSpace::schedule);
    } finally {
      opening.unlock();
    }
    // It ends with its executor, and throws nothing.
    Future<?> unused = watch.scheduleWithFixedDelay(this::look, 0, 1, TimeUnit.SECONDS);
  }

  private void look() {
    try {
      stored.names().forEach(this::tryToOpen);
    } catch (RuntimeException e) {
      // The next turn tries again; an exception that left here would end the schedule.
      log.debug("New spaces could not be looked for", e);
    }
  }

  /** One that cannot be opened does not keep the others from it. */
  private void tryToOpen(String name) {
    try {
      of(name);
    } catch (RuntimeException e) {
      log.warn("The space {} could not be opened; it is tried again: {}", name, e.getMessage());
    }
  }

  /** How many claims wait to be decided. */
  double waiting() {
    return open.values().stream().mapToInt(space -> space.pipeline().waiting()).sum();
  }

  @Override
  public void close() {
    watch.shutdownNow();
    opening.lock();
    try {
      closed = true;
      open.values().forEach(OpenSpace::close);
    } finally {
      opening.unlock();
    }
  }
}
