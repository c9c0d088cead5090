package dev.selfsame.source.land;

/** Looks on while rows land, and may end it. */
public interface LandingWatch {

  /** Sees nothing, and lets everything go on. */
  LandingWatch NONE =
      new LandingWatch() {
        @Override
        public void reading(long read, long size) {}

        @Override
        public void landing(long rows) {}

        @Override
        public void deciding(long decided, long claims) {}

        @Override
        public boolean stopped() {
          return false;
        }
      };

  /** Rows are read and checked: so many of so many bytes; the size is 0 where nobody knows. */
  void reading(long read, long size);

  /** All are read, and become part of the table. */
  void landing(long rows);

  /** The table has them; what they claim is decided. */
  void deciding(long decided, long claims);

  /** Whether to end it: nothing has landed yet, or what is left is taken up by the next landing. */
  boolean stopped();
}
