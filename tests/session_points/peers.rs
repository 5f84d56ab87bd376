//! Operations of other clients, typed by hand as their macros would type them, run through the
//! session.

use attendium_sandbox::Sandbox;

use crate::support::logged_in;

#[cfg(feature = "graphql_client")]
mod graphql_client_operations {
    use super::*;

    struct WhoAmI;

    #[derive(serde::Serialize)]
    struct Variables {}

    #[derive(serde::Deserialize)]
    struct Data {
        me: User,
    }

    #[derive(serde::Deserialize)]
    struct User {
        id: String,
        name: String,
    }

    impl graphql_client::GraphQLQuery for WhoAmI {
        type Variables = Variables;
        type ResponseData = Data;

        fn build_query(variables: Variables) -> graphql_client::QueryBody<Variables> {
            graphql_client::QueryBody {
                variables,
                query: "query WhoAmI { me { id name } }",
                operation_name: "WhoAmI",
            }
        }
    }

    #[tokio::test]
    async fn graphql_client_operations_run_and_refresh() {
        let sandbox = Sandbox::start().await.unwrap();
        let session = logged_in(&sandbox).await;
        sandbox.expire_access_tokens();
        let data = session
            .run_graphql_client::<WhoAmI>(Variables {})
            .await
            .unwrap();
        assert!(!data.me.name.is_empty());
        assert_eq!(
            session.run(&attendium::Me {}).await.unwrap().me.id,
            *data.me.id
        );
        assert_eq!(sandbox.counts().refreshes, 1);
    }
}

#[cfg(feature = "cynic")]
mod cynic_operations {
    use super::*;
    use cynic::QueryBuilder as _;

    mod schema {
        cynic::use_schema!("schema/attendium.graphql");
    }

    #[derive(cynic::QueryFragment, Debug)]
    #[cynic(
        schema_path = "schema/attendium.graphql",
        schema_module = "schema",
        graphql_type = "Query"
    )]
    struct WhoAmI {
        me: User,
    }

    #[derive(cynic::QueryFragment, Debug)]
    #[cynic(schema_path = "schema/attendium.graphql", schema_module = "schema")]
    struct User {
        id: cynic::Id,
        name: String,
    }

    #[tokio::test]
    async fn cynic_operations_run_and_refresh() {
        let sandbox = Sandbox::start().await.unwrap();
        let session = logged_in(&sandbox).await;
        sandbox.expire_access_tokens();
        let data = session.run_cynic(&WhoAmI::build(())).await.unwrap();
        assert!(!data.me.name.is_empty());
        assert_eq!(
            session.run(&attendium::Me {}).await.unwrap().me.id,
            *data.me.id.inner()
        );
        assert_eq!(sandbox.counts().refreshes, 1);
    }
}
