package dev.selfsame.api.productboard;

import dev.selfsame.api.Answer;
import dev.selfsame.http.Area;
import dev.selfsame.http.Role;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;

/**
 * {@code /compat/productboard/companies/custom-fields}: none. A field of Productboard's is defined
 * before anybody has it, and has an id and a type; an account's traits are whatever comes. So there
 * are no fields, and none is made.
 */
public final class ProductboardFieldsApi implements Area {

  private static final String PATH = ProductboardCompaniesApi.PATH + "/custom-fields";
  private static final String ONE = PATH + "/{id}";
  private static final String VALUE =
      ProductboardCompaniesApi.PATH + "/{companyId}/custom-fields/{companyCustomFieldId}/value";

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, versioned(ProductboardFieldsApi::list), Role.READ);
    routes.post(PATH, versioned(ProductboardFieldsApi::noneIsMade), Role.WRITE);
    routes.get(ONE, versioned(ProductboardFieldsApi::noField), Role.READ);
    routes.patch(ONE, versioned(ProductboardFieldsApi::noField), Role.WRITE);
    routes.delete(ONE, versioned(ProductboardFieldsApi::noField), Role.WRITE);
    routes.get(VALUE, versioned(ProductboardFieldsApi::noValue), Role.READ);
    routes.put(VALUE, versioned(ProductboardFieldsApi::noValue), Role.WRITE);
    routes.delete(VALUE, versioned(ProductboardFieldsApi::noValue), Role.WRITE);
  }

  private static Handler versioned(Handler handler) {
    return Compatible.versioned(Answer.withoutParameters(handler));
  }

  private record NoneView(List<String> data, ProductboardCompaniesApi.NextView links) {}

  private static void list(Context ctx) {
    Answer.send(ctx, new NoneView(List.of(), new ProductboardCompaniesApi.NextView(null)));
  }

  private static void noneIsMade(Context ctx) {
    refuse(
        ctx,
        400,
        "companyField.notSupported",
        "Company Field not created",
        "Companies have no fields of their own here; their traits are at /api/accounts");
  }

  private static void noField(Context ctx) {
    refuse(
        ctx,
        404,
        "companyField.notFound",
        "Company Field not found",
        "Companies have no fields of their own here; their traits are at /api/accounts");
  }

  private static void noValue(Context ctx) {
    refuse(
        ctx,
        404,
        "companyFieldValue.notFound",
        "Company Field Value not found",
        "Companies have no fields of their own here; their traits are at /api/accounts");
  }

  private static void refuse(Context ctx, int status, String code, String title, String detail) {
    ctx.status(status);
    Answer.send(
        ctx,
        new Answer.Errors(
            List.of(new Answer.Fault(code, title, detail, new Answer.Source(null, null)))));
  }
}
