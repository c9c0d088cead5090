package dev.selfsame.ask;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Nearest;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The questions that there are: those of the program, and the files of one directory. The directory
 * is read anew each time, so that a file counts from when it is saved.
 */
public final class Questions {

  private static final List<String> BUILT_IN =
      List.of("campaign-visits", "support-and-revenue", "tickets-by-plan", "tickets-by-source");

  private static final String ENDING = ".sql";
  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");
  private static final long MOST_BYTES = 64 * 1024;
  private static final int MOST_FILES = 500;

  /**
   * A question in the list.
   *
   * @param question null where its file is not usable
   * @param problem what is wrong with the file
   */
  public record Listed(String name, @Nullable Question question, @Nullable String problem) {}

  private final @Nullable Path directory;
  private final boolean needed;

  private Questions(@Nullable Path directory, boolean needed) {
    this.directory = directory;
    this.needed = needed;
  }

  /** Those of the program, and the files of a directory if there is one. */
  public static Questions in(Path directory) {
    return new Questions(directory, false);
  }

  /** Those of the program, and the files of a directory that somebody named. */
  public static Questions given(Path directory) {
    return new Questions(directory, true);
  }

  /**
   * All, by name.
   *
   * @throws Failure {@code FILE_UNUSABLE} if the directory cannot be read
   */
  public List<Listed> list() {
    Map<String, Listed> all = new TreeMap<>();
    for (String name : BUILT_IN) {
      all.put(name, new Listed(name, builtIn(name), null));
    }
    for (Path file : files()) {
      String name = name(file);
      try {
        all.put(name, new Listed(name, own(file), null));
      } catch (Failure wrong) {
        all.put(name, new Listed(name, null, wrong.getMessage()));
      }
    }
    return List.copyOf(all.values());
  }

  /**
   * The one of this name.
   *
   * @throws Failure {@code UNKNOWN_QUESTION}, naming the nearest; {@code QUESTION_INVALID} if its
   *     file is not usable
   */
  public Question named(String name) {
    List<String> known = new ArrayList<>(BUILT_IN);
    for (Path file : files()) {
      if (name(file).equals(name)) {
        return own(file);
      }
      known.add(name(file));
    }
    if (BUILT_IN.contains(name)) {
      return builtIn(name);
    }
    throw new Failure(
        Problem.UNKNOWN_QUESTION,
        "There is no question %s; did you mean %s? Known: %s"
            .formatted(name, Nearest.of(name, known), String.join(", ", sorted(known))));
  }

  /**
   * Keeps a question as a file, so that it stands in the list from now on.
   *
   * @param name what it is called; one of that name must not be there, but for a built-in one,
   *     whose place it takes
   * @throws Failure {@code QUESTION_INVALID} if it cannot be one, {@code QUESTION_EXISTS}, or
   *     {@code FILE_UNUSABLE} if the directory cannot be written
   */
  public Question save(String name, String title, ChartKind chart, String sql) {
    Question question = draft(name, title, chart, sql);
    Path to = directory;
    if (to == null) {
      throw new Failure(Problem.FILE_UNUSABLE, "There is no directory for questions");
    }
    if (question.sql().getBytes(UTF_8).length > MOST_BYTES) {
      throw new Failure(
          Problem.QUESTION_INVALID,
          "It has more than %d bytes; expected at most that many.".formatted(MOST_BYTES));
    }
    Path file = to.resolve(name + ENDING);
    try {
      Files.createDirectories(to);
      Path part = Files.createTempFile(to, "." + name, ".part");
      try {
        Files.writeString(part, question.sql(), UTF_8);
        // Unlike a move, a link never takes the place of a file that is there.
        Files.createLink(file, part);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (FileAlreadyExistsException e) {
      throw new Failure(
          Problem.QUESTION_EXISTS,
          "There is a question %s already; choose another name.".formatted(name),
          0,
          e);
    } catch (IOException e) {
      throw new Failure(
          Problem.FILE_UNUSABLE,
          "The questions' directory %s cannot be written: %s".formatted(to, e),
          0,
          e);
    }
    return question;
  }

  /**
   * A statement as a question that is not kept: with the title and chart given here, and the
   * columns and unit that its header names.
   *
   * @throws Failure {@code QUESTION_INVALID}
   */
  public static Question draft(String name, String title, ChartKind chart, String sql) {
    if (!NAME.matcher(name).matches()) {
      throw new Failure(
          Problem.QUESTION_INVALID,
          "A question is called by 1 to 64 of a-z, 0-9 and -, such as tickets-by-week.");
    }
    if (title.isBlank() || title.lines().count() > 1) {
      throw new Failure(Problem.QUESTION_INVALID, "A title of one line is expected.");
    }
    String text =
        "-- title: %s\n-- chart: %s\n%s"
            .formatted(
                title.strip(), chart.word(), QuestionFile.without(List.of("title", "chart"), sql));
    return QuestionFile.read(name + ENDING, name, Question.Origin.OWN, text);
  }

  private static Collection<String> sorted(List<String> names) {
    return names.stream().distinct().sorted().toList();
  }

  private static Question builtIn(String name) {
    try (InputStream in = Questions.class.getResourceAsStream(name + ENDING)) {
      if (in == null) {
        throw new IllegalStateException("The program lacks the question " + name);
      }
      String text = new String(in.readAllBytes(), UTF_8);
      return QuestionFile.read(name + ENDING, name, Question.Origin.BUILT_IN, text);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Path> files() {
    if (directory == null || (!needed && !Files.exists(directory))) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      List<Path> files =
          entries
              .filter(file -> file.getFileName().toString().endsWith(ENDING))
              .sorted()
              .limit(MOST_FILES + 1L)
              .toList();
      if (files.size() > MOST_FILES) {
        throw new Failure(
            Problem.FILE_UNUSABLE,
            "The directory %s has more than %d questions: expected at most that many."
                .formatted(directory, MOST_FILES));
      }
      return files;
    } catch (IOException e) {
      throw new Failure(
          Problem.FILE_UNUSABLE,
          "The questions' directory %s cannot be read: %s".formatted(directory, e),
          0,
          e);
    }
  }

  private static String name(Path file) {
    String whole = file.getFileName().toString();
    return whole.substring(0, whole.length() - ENDING.length());
  }

  private static Question own(Path file) {
    String name = name(file);
    if (!NAME.matcher(name).matches()) {
      throw invalid(
          file,
          "a question is called by its file's name, of 1 to 64 of a-z, 0-9 and -; rename it to such"
              + " as tickets-by-week.sql.",
          null);
    }
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw invalid(
            file,
            "it has %d bytes; expected at most %d.".formatted(Files.size(file), MOST_BYTES),
            null);
      }
      String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
      return QuestionFile.read(
          file.toString(),
          name,
          BUILT_IN.contains(name) ? Question.Origin.OWN_INSTEAD : Question.Origin.OWN,
          text.startsWith("\uFEFF") ? text.substring(1) : text);
    } catch (CharacterCodingException e) {
      throw invalid(file, "it is not UTF-8; save it as such.", e);
    } catch (IOException e) {
      throw invalid(file, "it cannot be read (" + e + ").", e);
    }
  }

  private static Failure invalid(Path file, String what, @Nullable Exception cause) {
    return new Failure(Problem.QUESTION_INVALID, file + ", line 1: " + what, 0, cause);
  }
}
