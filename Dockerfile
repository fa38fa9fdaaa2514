# One image for every role of an office: the command decides which (`docker run lembur worker --stations jebres`).

FROM python:3.11.14-slim-bookworm AS build
# The same uv as scripts/uv, so that laptop, CI and image install alike.
RUN pip install --no-cache-dir uv==0.13.9
ENV UV_PROJECT_ENVIRONMENT=/opt/lembur UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /build
# What changes seldom comes first: a change of the code installs no dependency again.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --locked --no-dev --no-install-project
COPY . ./
RUN uv sync --locked --no-dev --no-editable

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 lembur \
    && useradd --uid 10001 --gid lembur --home-dir /data --no-create-home --shell /usr/sbin/nologin lembur \
    && install --directory --owner lembur --group lembur --mode 0700 /data /data/printers /data/keys /data/flower
COPY --from=build /opt/lembur /opt/lembur
# /data is the one place that is kept; what is compiled or drawn on the way goes to /tmp, also where all else is read-only.
ENV PATH=/opt/lembur/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LEMBUR_DATA=/data \
    MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /data
USER 10001:10001
ENTRYPOINT ["lembur"]
CMD ["--help"]
