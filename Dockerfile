# Segue in a container. The image takes what the build made, so build first:
#
#   mvn -B -q -Dquick -DskipTests package
#   docker build -t segue .
#   docker run --rm segue --help
FROM eclipse-temurin:17-jre

RUN useradd --uid 10001 --create-home segue \
 && install -d -o segue -g segue /var/lib/segue /var/lib/segue/.segue

# The launcher is the entry point, as on a host: it chooses the JVM's flags by command, then becomes
# Java, so that signals reach Segue itself. It finds the build where a checkout has it.
COPY streams-app/target/lib /opt/segue/streams-app/target/lib
COPY streams-app/target/segue-streams-app-*.jar /opt/segue/streams-app/target/
COPY segue /opt/segue/
ENV PATH=/opt/segue:$PATH

# Commands look for migration.yaml here; the default data-dir is on the volume, which must outlive
# the container.
WORKDIR /var/lib/segue
USER segue
VOLUME /var/lib/segue/.segue
ENTRYPOINT ["segue"]
CMD ["--help"]
