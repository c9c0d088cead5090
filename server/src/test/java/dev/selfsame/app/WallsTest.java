package dev.selfsame.app;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/**
 * The three walls inside the program: the engine is pure, the store alone opens the product's
 * tables, and dependencies run one way. A rule about a package that does not exist yet holds by
 * being about nothing.
 */
final class WallsTest {
  private static final JavaClasses PROGRAM =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.selfsame");

  /**
   * A class is the engine's if it lies in the class folder or jar that the engine's packages come
   * from.
   */
  private static final DescribedPredicate<JavaClass> ENGINE =
      describe("the engine's", liesIn(placeOf("dev.selfsame.resolution")));

  // ---- The scan ----

  @Test
  void the_scan_sees_both_modules() {
    assertThat(PROGRAM.contain(Main.class)).as("the server's classes").isTrue();
    assertThat(packagesOf(ENGINE)).contains("dev.selfsame.identity", "dev.selfsame.resolution");
    assertThat(packagesOf(describe("the server's", c -> !ENGINE.test(c))))
        .contains("dev.selfsame.app", "dev.selfsame.cli")
        .doesNotContain("dev.selfsame.identity", "dev.selfsame.resolution");
  }

  @Test
  void every_package_has_a_paragraph_and_is_null_marked() {
    Set<String> unmarked = new TreeSet<>();
    for (JavaClass c : PROGRAM) {
      JavaPackage home = c.getPackage();
      if (home.tryGetPackageInfo().isEmpty() || !home.isAnnotatedWith(NullMarked.class)) {
        unmarked.add(home.getName());
      }
    }
    assertThat(unmarked).as("packages without a package-info.java that says @NullMarked").isEmpty();
  }

  // ---- Wall 1: the engine is pure ----

  @Test
  void the_engine_uses_java_base_alone() {
    Set<String> base = ModuleLayer.boot().findModule("java.base").orElseThrow().getPackages();
    check(
        classes()
            .that(ENGINE)
            .should()
            .onlyDependOnClassesThat(
                describe("the engine's", (JavaClass c) -> ENGINE.test(c.getBaseComponentType()))
                    .or(resideInAPackage("org.jspecify.."))
                    .or(
                        describe(
                            "of java.base",
                            c -> base.contains(c.getBaseComponentType().getPackageName())))
                    .or(describe("primitive", c -> c.getBaseComponentType().isPrimitive())))
            .because("anything must be able to run it: the server, a Spark cluster, a benchmark"));
  }

  @Test
  void resolution_has_no_clock_no_randomness_and_no_io() {
    Set<String> resolution = reachableInEngineFrom("dev.selfsame.resolution");
    check(
        classes()
            .that(
                describe(
                    "resolution's, or the engine's that it uses",
                    c -> resolution.contains(c.getName())))
            .should(beAFunctionOfTheirArguments())
            .because(
                "the same claims must give the same users wherever and however often they are"
                    + " resolved"));
  }

  /** Types whose every use brings the world in. */
  private static final DescribedPredicate<JavaClass> THE_WORLD =
      resideInAnyPackage(
              "java.io..",
              "java.net..",
              "java.nio.file..",
              "java.nio.channels..",
              "java.util.random..")
          .and(describe("no mere exception", c -> !c.isAssignableTo(Throwable.class)))
          .and(describe("not Serializable", c -> !c.getName().equals("java.io.Serializable")))
          .or(
              describe(
                  "a clock, a dice or a process",
                  c ->
                      Set.of(
                              "java.lang.Process",
                              "java.lang.ProcessBuilder",
                              "java.lang.ProcessHandle",
                              "java.lang.Runtime",
                              "java.lang.Thread",
                              "java.lang.ThreadLocal",
                              "java.security.SecureRandom",
                              "java.time.Clock",
                              "java.time.InstantSource",
                              "java.util.Random",
                              "java.util.SplittableRandom",
                              "java.util.Timer",
                              "java.util.concurrent.ThreadLocalRandom")
                          .contains(c.getName())));

  /** Members that bring the world in though their type does not. */
  private static final Set<String> WORLDLY_MEMBERS =
      Set.of(
          "java.lang.Math.random",
          "java.lang.StrictMath.random",
          "java.lang.System.console",
          "java.lang.System.currentTimeMillis",
          "java.lang.System.err",
          "java.lang.System.getProperty",
          "java.lang.System.getProperties",
          "java.lang.System.getenv",
          "java.lang.System.identityHashCode",
          "java.lang.System.in",
          "java.lang.System.nanoTime",
          "java.lang.System.out",
          "java.nio.charset.Charset.defaultCharset",
          "java.time.ZoneId.systemDefault",
          "java.util.Collections.shuffle",
          "java.util.Locale.getDefault",
          "java.util.TimeZone.getDefault",
          "java.util.UUID.randomUUID");

  private static ArchCondition<JavaClass> beAFunctionOfTheirArguments() {
    return new ArchCondition<>("read no clock, draw nothing at random and do no I/O") {
      @Override
      public void check(JavaClass c, ConditionEvents events) {
        for (Dependency used : c.getDirectDependenciesFromSelf()) {
          if (THE_WORLD.test(used.getTargetClass())) {
            events.add(SimpleConditionEvent.violated(c, used.getDescription()));
          }
        }
        for (JavaAccess<?> access : c.getAccessesFromSelf()) {
          String owner = access.getTargetOwner().getName();
          boolean now = owner.startsWith("java.time.") && access.getName().equals("now");
          if (now || WORLDLY_MEMBERS.contains(owner + "." + access.getName())) {
            events.add(SimpleConditionEvent.violated(c, access.getDescription()));
          }
        }
      }
    };
  }

  // ---- Wall 2: the store alone opens the product's tables ----

  @Test
  void the_store_alone_speaks_to_the_products_tables() {
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.selfsame..")
            .and()
            .resideOutsideOfPackages(
                "dev.selfsame.store..",
                // Open other people's databases.
                "dev.selfsame.connection..",
                "dev.selfsame.publish..",
                // Its own table.
                "dev.selfsame.job..",
                // Starts the embedded server, and asks one left behind whether it is ours.
                "dev.selfsame.postgres..")
            // Read other people's databases too.
            .and(
                describe(
                    "no reader of rows",
                    c ->
                        !Set.of(
                                "dev.selfsame.source.land.DuckDbRows",
                                "dev.selfsame.source.land.QueryRows")
                            .contains(c.getName().replaceFirst("\\$.*", ""))))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.sql..",
                "javax.sql..",
                "com.zaxxer.hikari..",
                "org.flywaydb..",
                "org.jdbi..",
                "org.postgresql..")
            .because("what a user is, is written in one place and in one order"));
  }

  // ---- Wall 3: dependencies run one way ----

  @Test
  void sources_never_see_one_another() {
    check(slices().matching("dev.selfsame.source.(*)..").should().notDependOnEachOther());
    check(slices().matching("dev.selfsame.source.connector.(*)..").should().notDependOnEachOther());
  }

  @Test
  void features_never_see_what_shows_them() {
    String[] faces = {
      "dev.selfsame.api..", "dev.selfsame.dashboard..", "dev.selfsame.cli..", "dev.selfsame.app.."
    };
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.selfsame..")
            .and()
            .resideOutsideOfPackages(faces)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(faces)
            .because(
                "a feature is complete without the page, the command or the path that shows it"));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("dev.selfsame.app..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.selfsame.app..")
            .because("what puts the program together is seen by nobody"));
  }

  @Test
  void packages_form_no_cycle() {
    check(slices().matching("dev.selfsame.(**)").should().beFreeOfCycles());
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(PROGRAM);
  }

  private static Predicate<JavaClass> liesIn(String place) {
    return c ->
        c.getSource().map(source -> source.getUri().toString().contains(place)).orElse(false);
  }

  private static String placeOf(String packageName) {
    try {
      Class<?> info = Class.forName(packageName + ".package-info");
      return info.getProtectionDomain().getCodeSource().getLocation().getPath();
    } catch (ClassNotFoundException e) {
      throw new AssertionError("no package-info in " + packageName, e);
    }
  }

  private static Set<String> packagesOf(DescribedPredicate<JavaClass> some) {
    return PROGRAM.stream().filter(some).map(JavaClass::getPackageName).collect(toSet());
  }

  /**
   * The classes of a package and every class of the engine that they use, directly or through
   * others.
   */
  private static Set<String> reachableInEngineFrom(String start) {
    var queue = new ArrayDeque<>(PROGRAM.stream().filter(resideInAPackage(start + "..")).toList());
    Set<String> reached = new HashSet<>();
    while (!queue.isEmpty()) {
      JavaClass c = queue.remove();
      if (reached.add(c.getName())) {
        List<JavaClass> used =
            c.getDirectDependenciesFromSelf().stream().map(Dependency::getTargetClass).toList();
        queue.addAll(used.stream().filter(ENGINE).toList());
      }
    }
    return reached;
  }
}
