package dev.selfsame.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Submissions that came together, and the answer that they wait for. */
final class Request {

  /**
   * One submission of a request.
   *
   * @param poisonous the database refused it alone: it is to be rejected, and nothing of it kept
   */
  record Item(Request request, int index, Submission submission, boolean poisonous) {
    Item poisoned() {
      return new Item(request, index, submission, true);
    }
  }

  private final Receipt[] receipts;
  private final CompletableFuture<List<Receipt>> answer = new CompletableFuture<>();
  private final List<Item> items;
  private int open;

  Request(List<Submission> submissions) {
    receipts = new Receipt[submissions.size()];
    open = receipts.length;
    items = new ArrayList<>(receipts.length);
    for (int index = 0; index < receipts.length; index++) {
      items.add(new Item(this, index, submissions.get(index), false));
    }
    if (open == 0) {
      answer.complete(List.of());
    }
  }

  List<Item> items() {
    return items;
  }

  CompletableFuture<List<Receipt>> answer() {
    return answer;
  }

  /** Called after the commit, by the writing thread alone. */
  void committed(int index, Receipt receipt) {
    receipts[index] = receipt;
    if (--open == 0) {
      answer.complete(List.of(receipts));
    }
  }

  void failed(RuntimeException failure) {
    answer.completeExceptionally(failure);
  }
}
