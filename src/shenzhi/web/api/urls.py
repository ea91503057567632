"""The API: one description (OpenAPI 3.1) of every register, made from the declarations."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from shenzhi import __version__
from shenzhi.kernel.registers.catalogue import registers
from shenzhi.kernel.registers.sight import ways
from shenzhi.kernel.words import Words
from shenzhi.web.api.callers import caller
from shenzhi.web.api.problems import SCHEMA, Problem, answer, of_validation
from shenzhi.web.api.records import router_of
from shenzhi.web.api.shapes import Registers


class _Described(NinjaAPI):
    """An API whose description names, for every operation, the errors it can answer and the ways to sign in."""

    def get_openapi_schema(self, **given: Any) -> Any:
        described: Any = super().get_openapi_schema(**given)
        problem = {
            "description": "出错 An error",
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
            },
        }
        described["components"]["schemas"]["ProblemDetails"] = SCHEMA
        for verbs in described["paths"].values():
            for operation in verbs.values():
                operation["responses"]["default"] = problem
                operation["security"] = [{"key": []}, {}]
        return described


api = _Described(
    title="深质 Shenzhi",
    version=__version__,
    description="每个登记簿的接口，由其声明生成。每个答复的 RateLimit 说明剩余次数，用完则为 429，Retry-After 说明多少秒后再试。 "
    "The API of every register, made from its declaration. Every answer says in RateLimit what is left of the caller's "
    "rate; beyond it comes 429, with the seconds to wait in Retry-After.",
    docs_url=None,  # the usual viewers load scripts from other hosts
    openapi_url="/openapi.json",
    urls_namespace="api",
    openapi_extra={
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    },
)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return answer(problem)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return answer(of_validation(request, error.errors))


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return answer(Problem(error.status_code, Words(f"请求有误：{error}", str(error))))


@api.get("/", response=Registers, operation_id="registers", summary="登记簿 Registers")
def described(request: HttpRequest) -> HttpResponse:
    """Every register that the caller may see something of."""
    reader = caller(request)
    items: list[dict[str, Any]] = [
        {
            "slug": one.slug,
            "title_zh": one.title.zh,
            "title_en": one.title.en,
            "article": one.article,
            "url": f"{request.path}{one.slug}/",
        }
        for one in registers()
        if ways(one, reader)
    ]
    response = JsonResponse({"items": items}, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "private, no-cache"  # it lists what this caller may see
    response["Vary"] = "Authorization, Cookie, Accept-Language"
    return response


for _register in registers():
    api.add_router(f"/{_register.slug}", router_of(_register))

urlpatterns = [path("v1/", api.urls)]
